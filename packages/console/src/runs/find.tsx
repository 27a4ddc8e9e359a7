import type { Found } from "@countersign/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { A, useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { count, Said } from "../parts/machine.tsx";
import { NextPage } from "../parts/next-page.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { State } from "../parts/state.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { utc } from "./export-rows.ts";
import { Id, Tail } from "./id.tsx";

const taken: Readonly<Record<Found["taken"], string>> = {
  id: "the id of an action",
  run: "the id of a run: what happened in it",
  agent: "the name of an agent: what it asked for",
  workflow: "the name of a workflow: what its agents asked for",
  tool: "the name of a tool: its calls",
  text: "text: actions whose target, arguments, task or result say it",
};

const columns: readonly Column<Found["actions"][number]>[] = [
  { name: "action", of: ({ id }) => id },
  { name: "state", of: ({ state }) => state },
  { name: "at", of: ({ at }) => utc(at) },
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "tool", of: ({ tool }) => tool },
  { name: "target", of: ({ target }) => target ?? null },
];

/** Ids that have a page of their own. */
const deed = /^(gov|dec)_[0-9a-hjkmnp-tv-z]{26}$/;

/** `/find?q=`: paste anything, and get the receipt. One result opens at once. */
export default function Find() {
  const { query } = useAddress();
  const q = (query.get("q") ?? "").trim();
  const stays = query.get("stay") === "1";
  useTitle("Find");
  const isDeed = deed.test(q);
  const found = useInfiniteQuery({
    queryKey: ["actions", "find", q],
    queryFn: ({ pageParam, signal }) =>
      ask<Found>("/v1/lookup", { query: { q, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    enabled: q.length > 1 && !isDeed,
    // Whoever searches anew asks anew.
    staleTime: 0,
  });
  const pages = found.data?.pages ?? [];
  const [first] = pages;
  const actions = pages.flatMap((page) => page.actions);
  const only = first !== undefined && first.next === undefined && actions.length === 1 ? actions[0]?.id : undefined;
  const isFound = first !== undefined;
  const { isFetching } = found;
  // What an earlier search found is read again first. Read again later, it may have one result by then: who reads what
  // was found at first is not led away from it.
  const answered = useRef<string>(undefined);
  useEffect(() => {
    if (isDeed) openInstead(`/actions/${q}`);
    if (!isFound || isFetching || answered.current === q) return;
    answered.current = q;
    if (only !== undefined && !stays) openInstead(`/actions/${only}?found=${encodeURIComponent(q)}`);
  }, [isDeed, isFound, isFetching, only, stays, q]);
  if (q.length < 2) return <Teach />;
  return (
    <>
      <h1>
        Find <Said text={q.length > 120 ? `${q.slice(0, 120)}…` : q} />
      </h1>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {first === undefined ? null : (
        <>
          <p>
            Understood as {taken[first.taken]}.{" "}
            {first.taken === "run" ? <A to={`/runs/${q}`}>Open the run itself</A> : null}
            {first.searched === undefined
              ? null
              : ` The index knew nothing of it, so the ${count(pages.reduce((sum, page) => sum + (page.searched ?? 0), 0))} newest actions were looked through one by one.`}
            {first.index.behind > 0
              ? ` ${count(first.index.behind)} entries are not in the index yet; the newest of them were looked at by themselves.`
              : ""}
          </p>
          {actions.length === 0 ? (
            <Nothing more={found.hasNextPage} />
          ) : (
            <ul className="rows" aria-label="What was found">
              {actions.map((action) => (
                <li key={action.id}>
                  <A to={`/actions/${action.id}`} className="row">
                    <span className="first">
                      <span className="one">
                        {action.state === null ? null : <State of={action.state} />}{" "}
                        <Said text={action.tool ?? "no tool"} />
                      </span>
                      <Ago at={action.at} />
                    </span>
                    <span className="second">
                      {action.agent ?? "nobody known"} in {action.workflow ?? "no workflow"}
                      {action.target === undefined ? null : (
                        <>
                          {" · "}
                          <Tail text={action.target} most={72} />
                        </>
                      )}{" "}
                      · <Id of={action.id} />
                    </span>
                  </A>
                </li>
              ))}
            </ul>
          )}
          {found.hasNextPage ? (
            <p>
              <NextPage of={found} words="Look at older ones" busy="Looking …" />
            </p>
          ) : null}
          <Save name="found" columns={columns} rows={actions} />
        </>
      )}
    </>
  );
}

/** In place of this page, so that going back does not come here and on again. */
function openInstead(to: string): void {
  history.replaceState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}

function Nothing({ more }: { readonly more: boolean }) {
  return (
    <div className="empty">
      <p>
        {more
          ? "Nothing among the newest. Older ones have not been looked at yet."
          : "Nothing that any action said fits. Words are found whole: try fewer of them, the number of a ticket alone, or the end of a path."}
      </p>
      <p>
        What was erased is found no more. <A to="/runs?of=actions">All actions</A>, newest first.
      </p>
    </div>
  );
}

function Teach() {
  return (
    <div className="empty">
      <h1>Find a receipt</h1>
      <p>
        Paste what you have into the search above, or press <kbd>/</kbd>:
      </p>
      <ul>
        <li>the address of a pull request, a page or a ticket: with or without what stands after its question mark</li>
        <li>the id of an action, a run or a deed</li>
        <li>a commit, also a short one; a ticket such as OPS-4711, also in the middle of a sentence</li>
        <li>a path or the end of one, a file's name, the key of a flag</li>
        <li>an agent, a workflow, a tool</li>
        <li>
          words that must all be there, or <code>"words in this order"</code>
        </li>
      </ul>
      <p>One result opens at once.</p>
    </div>
  );
}
