import type { RunView, TimedAction } from "@countersign/client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { A } from "../address.tsx";
import { NextPage } from "../parts/next-page.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { costOf, costWords } from "./cost.ts";
import { countStates } from "./counts.ts";
import { RunFacts } from "./run-facts.tsx";
import { listOf } from "./search.ts";
import { StateCounts } from "./state-counts.tsx";
import { eventsOf } from "./timeline.ts";
import { Timeline } from "./timeline.tsx";

/** One run: how it went, what went wrong first; what it is for; and what happened, while it happens. */
export function RunDetail({ id, children }: { readonly id: string; readonly children?: ReactNode }) {
  const run = useQuery({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => ask<RunView>(`/v1/runs/${id}`, { signal }),
  });
  const timeline = useInfiniteQuery({
    queryKey: ["runs", "timeline", id],
    queryFn: ({ pageParam, signal }) =>
      ask<{ actions: readonly TimedAction[]; next?: string }>(`/v1/runs/${id}/timeline`, {
        query: { cursor: pageParam, limit: 100 },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  });
  const trouble = run.error === null ? null : <Trouble of={run.error} again={() => void run.refetch()} />;
  if (run.data === undefined) return trouble;
  const actions = (timeline.data?.pages.flatMap((page) => page.actions) ?? []).toReversed();
  return (
    <>
      {trouble}
      <p>
        <StateCounts states={countStates(actions)} more={timeline.hasNextPage} />
      </p>
      {children}
      <RunFacts run={run.data} />
      <h2>What happened</h2>
      {timeline.data === undefined ? null : (
        <p className="cost">
          Cost{timeline.hasNextPage ? ` of the newest ${actions.length} actions` : ""}: {costWords(costOf(actions))}.{" "}
          <span className="quiet">What the agent's model took, in tokens or money, is not known here.</span>
        </p>
      )}
      {timeline.error === null ? null : <Trouble of={timeline.error} again={() => void timeline.refetch()} />}
      {timeline.data === undefined ? null : actions.length === 0 ? (
        <p className="quiet">Nothing yet: the agent has asked for nothing in this run.</p>
      ) : (
        <>
          {timeline.hasNextPage ? (
            <p>
              <NextPage
                of={timeline}
                words={`Show what came before these ${actions.length}`}
                busy={`Reading what came before these ${actions.length} …`}
              />
            </p>
          ) : null}
          <Timeline events={eventsOf(run.data.agent, actions)} />
          <p className="quiet">
            The same as <A to={listOf("actions", { run: id })}>a list of actions</A>.
          </p>
        </>
      )}
    </>
  );
}
