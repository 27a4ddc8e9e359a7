import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { State } from "../parts/state.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Id } from "./id.tsx";
import { Told } from "./told.tsx";

/** An action in short: not its receipt, so that looking through a list notes no reading of it. */
export function ActionPeek({ id }: { readonly id: string }) {
  const action = useQuery({ queryKey: ["actions", "one", id], queryFn: () => plane().actions.get(id) });
  const trouble = action.error === null ? null : <Trouble of={action.error} again={() => void action.refetch()} />;
  if (action.data === undefined) return trouble;
  const { state, agent, workflow, tool, server, target, environment, at, run, sentence, requirements, verb } =
    action.data;
  return (
    <>
      {trouble}
      <h2>
        <State of={state} /> <Said text={tool.startsWith(`${server}.`) ? tool : `${server}.${tool}`} />
      </h2>
      <p>
        <Told text={sentence} />
      </p>
      <p className="deeds">
        <A to={`/actions/${id}`} className="button">
          Open the receipt
        </A>
        <A to={`/workbench/${id}`} className="button">
          Open in the workbench
        </A>
        {state === "held" ? (
          <A to={`/inbox/${id}`} className="button">
            Answer it
          </A>
        ) : null}
      </p>
      <dl className="facts">
        <dt>Agent</dt>
        <dd>
          {agent} in {workflow}
        </dd>
        <dt>On</dt>
        <dd>
          <Said text={target} /> ({environment})
        </dd>
        <dt>Kind of call</dt>
        <dd>{verb}</dd>
        <dt>Asked</dt>
        <dd>
          <Ago at={at} />
        </dd>
        <dt>Run</dt>
        <dd>
          <A to={`/runs/${run}`}>
            <Id of={run} />
          </A>
        </dd>
      </dl>
      {requirements.length === 0 ? null : (
        <>
          <h3>What is missing</h3>
          <ul>
            {requirements.map((one) => (
              <li key={`${one.policy} ${one.kind}`}>
                <Told text={one.sentence} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
