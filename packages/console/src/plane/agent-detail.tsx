import type { WorkflowRow } from "@countersign/client";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";
import { listOf } from "../runs/search.ts";
import { AgentKeys } from "./agent-keys.tsx";
import type { Line } from "./agents.tsx";

/** As the list of agents on the command line says it. */
function rulesWords({ observedUntil }: Line): string {
  return observedUntil === null ? "bite" : `only observed until ${observedUntil}`;
}

export function AgentDetail({ agent, workflow }: { readonly agent: Line; readonly workflow: WorkflowRow | undefined }) {
  const { name, purpose, owner, dri, tier, frozen, gaps } = agent;
  const asked = workflow === undefined ? undefined : String(workflow.tier);
  return (
    <article>
      <h2>
        <Said text={name} />
      </h2>
      {purpose === null ? null : (
        <p className="plain">
          <Said text={purpose} />
        </p>
      )}
      {gaps.length === 0 ? null : (
        <ul className="claim" aria-label="What is missing">
          {gaps.map((gap) => (
            <li key={gap}>
              <Told text={sentence(gap)} />
            </li>
          ))}
        </ul>
      )}
      <Facts
        of={[
          ["Owner", owner],
          [
            "Workflow",
            agent.workflow === null ? (
              "none"
            ) : (
              <A key="workflow" to={`/workflows/${encodeURIComponent(agent.workflow)}`}>
                {agent.workflow}
              </A>
            ),
          ],
          ["DRI", dri ?? "none"],
          ["Deputy", typeof workflow?.deputy === "string" ? workflow.deputy : "none"],
          ["Tier", tier === null ? "none" : `${tier} in force${asked === undefined ? "" : `, ${asked} asked for`}`],
          ["Its rules", agent.workflow === null ? "none" : rulesWords(agent)],
          ["May act", frozen === null ? "yes" : "no: frozen"],
        ]}
      />
      <p>
        <A to={listOf("runs", { agent: name })}>What it did last</A> ·{" "}
        <A to={`/policies?view=who-can&agent=${encodeURIComponent(name)}`}>What it may do</A>
      </p>
      <AgentKeys agent={name} />
    </article>
  );
}
