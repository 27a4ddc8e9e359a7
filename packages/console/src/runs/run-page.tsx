import type { RunLine, RunView } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";

import { useTitle } from "../parts/title.ts";
import { ask } from "../plane.ts";
import { Id } from "./id.tsx";
import { Pack } from "./pack.tsx";
import { RunDetail } from "./run-detail.tsx";
import { ReverseRun, RunReversal } from "./run-reversal.tsx";

/** One run, whole. */
export function RunPage({ id }: { readonly id: string }) {
  const run = useQuery({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => ask<RunView>(`/v1/runs/${id}`, { signal }),
  });
  const title = run.data === undefined ? "Run" : `Run of ${run.data.agent}`;
  useTitle(title);
  return (
    <>
      <p className="quiet">
        <A to="/runs">Runs</A> › <Id of={id} />
      </p>
      <h1>{title}</h1>
      <RunDetail id={id}>
        <div className="deeds">
          {run.data === undefined ? null : <ReverseRun run={run.data} />}
          <Pack run={id} />
          {run.data === undefined ? null : <CompareWith id={id} agent={run.data.agent} />}
        </div>
        {run.data === undefined ? null : <RunReversal run={run.data} />}
      </RunDetail>
    </>
  );
}

function CompareWith({ id, agent }: { readonly id: string; readonly agent: string }) {
  const { put } = useAddress();
  const others = useQuery({
    queryKey: ["runs", "of", agent],
    queryFn: () => ask<{ runs: readonly RunLine[] }>("/v1/runs", { query: { agent } }),
    staleTime: 30_000,
  });
  const runs = others.data?.runs.filter((run) => run.id !== id).slice(0, 50) ?? [];
  if (runs.length === 0) return null;
  return (
    <label className="inline">
      Compare with{" "}
      <select value="" onChange={(event) => put({ with: event.target.value })}>
        <option value="">another run of {agent} …</option>
        {runs.map((run) => (
          <option key={run.id} value={run.id}>
            {new Date(run.at).toLocaleString()}, {run.actions} actions, {run.id.slice(0, 16)}
          </option>
        ))}
      </select>
    </label>
  );
}
