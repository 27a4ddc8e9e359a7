import type { RunLine } from "@countersign/client";
import { A, useAddress } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";

import { useTitle } from "../parts/title.ts";
import { ask } from "../plane.ts";
import { type Column, utc } from "./export-rows.ts";
import { Id } from "./id.tsx";
import { ListPage } from "./list-page.tsx";
import { RunDetail } from "./run-detail.tsx";
import { parseSearch } from "./search.ts";
import { StateCounts } from "./state-counts.tsx";
import { useRows } from "./use-rows.ts";

const columns: readonly Column<RunLine>[] = [
  { name: "run", of: ({ id }) => id },
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "last_action_at", of: ({ at }) => utc(at) },
  { name: "actions", of: ({ actions }) => actions },
  { name: "has_older", of: ({ more }) => more },
  {
    name: "states",
    of: ({ states }) =>
      Object.entries(states)
        .map((pair) => pair.join(" "))
        .join(", "),
  },
];

const idOf = ({ id }: RunLine): string => id;

/** Runs, the one that acted last first. */
export function RunList() {
  const { query } = useAddress();
  useTitle("Runs");
  const search = parseSearch(query.get("q") ?? "");
  const { agent, workflow, since, until, ...others } = search.filters;
  const beyond = Object.keys(others).length > 0 || search.words !== "";
  const trouble =
    search.trouble ??
    (beyond
      ? "Runs are found by `agent:`, `workflow:`, `since:` and `until:` alone. Under Actions the same search finds what happened in them."
      : undefined);
  const found = useRows(
    ["runs", "list", agent ?? "", workflow ?? "", since ?? "", until ?? "", trouble ?? ""],
    async (cursor, signal) => {
      if (trouble !== undefined) return { rows: [] };
      const page = await ask<{ runs: readonly RunLine[]; next?: string }>("/v1/runs", {
        query: { agent, workflow, since, until, cursor },
        signal,
      });
      return { rows: page.runs, next: page.next };
    },
    idOf,
  );
  return (
    <ListPage
      of="runs"
      trouble={trouble}
      found={found}
      idOf={idOf}
      to={({ id }) => `/runs/${id}`}
      columns={columns}
      row={(run) => <RunRow run={run} />}
      peek={(id) => (
        <>
          <h2>
            <A to={`/runs/${id}`}>Open this run</A>
          </h2>
          <RunDetail key={id} id={id} />
        </>
      )}
      empty={
        Object.keys(search.filters).length === 0 ? (
          <p className="empty">
            No agent has asked for anything yet. A run is the calls of one task: give an agent a key under{" "}
            <A to="/agents">Agents</A>, connect it, and what it does appears here while it happens.
          </p>
        ) : (
          <p className="empty">
            No run fits. <A to="/runs">Show all runs</A>.
          </p>
        )
      }
    />
  );
}

function RunRow({ run }: { readonly run: RunLine }) {
  return (
    <>
      <span className="first">
        <span>
          {run.agent ?? "nobody known"} <span className="quiet">in {run.workflow ?? "no workflow"}</span>
        </span>
        <Ago at={run.at} />
      </span>
      <span className="second">
        <StateCounts states={run.states} more={run.more} /> · <Id of={run.id} />
      </span>
    </>
  );
}
