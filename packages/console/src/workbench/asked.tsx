import type { Action } from "@countersign/client";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Raw, Said } from "../parts/machine.tsx";
import { State } from "../parts/state.tsx";
import { Facts, Told } from "../parts/told.tsx";
import { Id } from "../runs/id.tsx";

/** What was asked, by whom, and what came of it. */
export function Asked({ action }: { readonly action: Action }) {
  const { state, agent, workflow, tool, server, target, environment, at, run, sentence, verb, requirements } = action;
  return (
    <section aria-label="What was asked">
      <h2>
        <State of={state} /> <Said text={tool.startsWith(`${server}.`) ? tool : `${server}.${tool}`} />
      </h2>
      <p>
        <Told text={sentence} />
      </p>
      <Facts
        of={[
          ["Agent", <A key="agent" to={`/agents/${encodeURIComponent(agent)}`}>{`${agent} in ${workflow}`}</A>],
          [
            "On",
            <span key="on">
              <Said text={target} /> ({environment})
            </span>,
          ],
          ["Kind of call", verb],
          ["Asked", <Ago key="asked" at={at} />],
          [
            "Run",
            <A key="run" to={`/runs/${run}`}>
              <Id of={run} />
            </A>,
          ],
        ]}
      />
      {requirements.length === 0 ? null : (
        <details>
          <summary>What it is held for</summary>
          <Raw value={requirements} label="What it is held for" />
        </details>
      )}
    </section>
  );
}
