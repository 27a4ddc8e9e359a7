import type { Agent } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../address.tsx";
import { type Placed, useKeptOrder } from "../parts/kept-order.ts";
import { Said } from "../parts/machine.tsx";
import { OutOfOrder } from "../parts/out-of-order.tsx";
import { Empty, Pair, Rows } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { useTitle } from "../parts/title.ts";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { AgentDetail } from "./agent-detail.tsx";
import { byGaps, gapsAround } from "./by-gaps.ts";

export type Line = Omit<Agent, "gaps"> & { readonly gaps: readonly string[] };

const columns: readonly Column<Placed<Line>>[] = [
  { name: "agent", of: ({ item }) => item.name },
  { name: "in force", of: ({ isGone }) => !isGone },
  { name: "owner", of: ({ item }) => item.owner },
  { name: "workflow", of: ({ item }) => item.workflow },
  { name: "DRI", of: ({ item }) => item.dri },
  { name: "tier in force", of: ({ item }) => item.tier },
  { name: "only observed until", of: ({ item }) => item.observedUntil },
  { name: "frozen", of: ({ item }) => item.frozen },
  { name: "gaps", of: ({ item }) => item.gaps.join(", ") },
];

function changed(rows: readonly Placed<Line>[]): string {
  const [news, gone] = [rows.filter(({ isNew }) => isNew).length, rows.filter(({ isGone }) => isGone).length];
  if (news + gone === 0) return "What is missing changed since.";
  return `${news === 0 ? "" : `${news} came since, below. `}${gone === 0 ? "" : `${gone} went.`}`;
}

/** Who acts, who answers for each, and what is missing: gaps first. */
export default function Agents() {
  const { parts } = useAddress();
  const name = parts[1];
  useTitle(name === undefined ? "Agents" : name);
  const found = useQuery({
    queryKey: ["plane", "agents"],
    queryFn: async () => {
      const [agents, workflows] = await Promise.all([plane().identity.agents(), plane().rules.workflows()]);
      const lines = agents.map((agent): Line => {
        const workflow = workflows.find((one) => one.name === agent.workflow);
        return { ...agent, gaps: gapsAround(agent, workflow) };
      });
      return { workflows, lines: byGaps(lines) };
    },
    staleTime: 10_000,
  });
  const lines = found.data?.lines ?? [];
  const kept = useKeptOrder(lines, (line) => line.name);
  const open = lines.find((line) => line.name === name);
  const workflow = found.data?.workflows.find((one) => one.name === open?.workflow);
  const withGaps = lines.filter(({ gaps }) => gaps.length > 0).length;
  const list = (
    <>
      {found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />}
      {found.data !== undefined && lines.length === 0 ? (
        <Empty>
          <p>No agent is known here yet.</p>
          <p>
            Name one under <code>agents</code> in <code>countersign.yaml</code> with its owner, and under{" "}
            <code>agents</code> of a workflow; then <code>npx countersign apply</code>. Its key is issued here.
          </p>
        </Empty>
      ) : (
        <>
          <p className="quiet">
            {withGaps === 0
              ? "Nothing is missing around any of them."
              : `Something is missing around ${withGaps} of ${lines.length}${kept.isInOrder ? ": first in this list" : ""}.`}
          </p>
          <OutOfOrder of={kept} list="agents" words={changed(kept.rows)} />
          <Rows
            label="agents"
            items={kept.rows}
            to={({ item }) => `/agents/${encodeURIComponent(item.name)}`}
            current={name === undefined ? undefined : `/agents/${encodeURIComponent(name)}`}
            first={({ item: line, isGone }) => (
              <>
                <strong>
                  <Said text={line.name} />
                </strong>
                <span className={line.gaps.length > 0 && !isGone ? "held" : "quiet"}>
                  {isGone
                    ? "in force no more"
                    : line.frozen !== null
                      ? "frozen"
                      : line.gaps.length > 0
                        ? `${line.gaps.length} missing`
                        : `tier ${line.tier ?? "none"}`}
                </span>
              </>
            )}
            second={({ item: line }) =>
              `${line.owner} · ${line.workflow ?? "no workflow"}${line.observedUntil === null ? "" : `, only observed until ${line.observedUntil}`}`
            }
          />
          <Save name="agents" columns={columns} rows={kept.rows} />
        </>
      )}
    </>
  );
  const isGone = name !== undefined && open === undefined && found.data !== undefined;
  return (
    <>
      <h1>Agents</h1>
      <Pair
        list={list}
        back={{ to: "/agents", words: "All agents" }}
        detail={
          open !== undefined ? (
            <AgentDetail key={open.name} agent={open} workflow={workflow} />
          ) : isGone ? (
            <p>No agent of that name is in force.</p>
          ) : undefined
        }
      />
    </>
  );
}
