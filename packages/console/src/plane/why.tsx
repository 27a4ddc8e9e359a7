import type { WhoCanLine } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { Answer } from "./answer.tsx";

type Asked = Pick<WhoCanLine, "agent" | "tool" | "verb" | "environment">;

/** The reason as conditions: the policies that held, and of those that did not the first condition that failed. */
export function Why({ agent, tool, verb, environment }: Asked) {
  const request = JSON.stringify({ agent, tool, verb, environment });
  const found = useQuery({
    queryKey: ["plane", "explain", request],
    queryFn: () => plane().policies.explain(request),
    staleTime: 30_000,
  });
  const trouble = found.error === null ? null : <Trouble of={found.error} />;
  if (found.data === undefined) return trouble ?? <p className="quiet">Asking …</p>;
  const { decision, nearMiss } = found.data;
  return (
    <>
      {trouble}
      <p>
        A call without arguments: <Answer of={decision.effect} /> · <Told text={sentence(decision.sentence)} />
      </p>
      <ol className="chain" aria-label="Conditions">
        {decision.determining.map(({ id, effect, text }) => (
          <li key={id} className={effect === "permit" ? "held-true" : "held-false"}>
            <span className="state">● held</span> {effect} <A to={`/policies/${encodeURIComponent(id)}`}>{id}</A>
            <details>
              <summary>its text</summary>
              <Said text={text} />
            </details>
          </li>
        ))}
        {nearMiss.map(({ policy, effect, condition, met, title, error }) => (
          <li key={policy}>
            <span className="state quiet">✕ did not hold</span> {effect}{" "}
            <A to={`/policies/${encodeURIComponent(policy)}`}>{title ?? policy}</A>: after {met}{" "}
            {met === 1 ? "condition that was" : "conditions that were"} met, <Said text={condition} /> was not
            {error === undefined ? "" : `: ${error}`}
          </li>
        ))}
      </ol>
      {decision.determining.length + nearMiss.length === 0 ? (
        <p>No policy names this tool: what nothing permits is refused.</p>
      ) : null}
    </>
  );
}
