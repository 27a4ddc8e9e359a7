import type { ActionConditions } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { Said } from "../parts/machine.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";

type Chain = ActionConditions["policies"][number];
type Condition = Chain["conditions"][number];

/** The reason of a decision: the conditions of each policy in the order in which they are looked at. */
export function Conditions({ id, step }: { readonly id: string; readonly step: number }) {
  const found = useQuery({
    queryKey: ["conditions", id, step],
    queryFn: () => ask<ActionConditions>(`/v1/actions/${id}/conditions`),
    staleTime: 60_000,
    retry: false,
  });
  const trouble = found.error === null ? null : <Trouble of={found.error} />;
  if (found.data === undefined) return trouble;
  const { policies, inForce, gone } = found.data;
  const determined = policies.filter((policy) => policy.determined);
  const others = policies.filter((policy) => !policy.determined);
  return (
    <div className="conditions">
      {trouble}
      {determined.length === 0 && gone.length === 0 ? (
        <p className="quiet">No policy permitted it; these came closest.</p>
      ) : null}
      {determined.map((chain) => (
        <ChainOf key={chain.digest} chain={chain} />
      ))}
      {gone.length === 0 ? null : (
        <p className="quiet">
          {gone.length === 1 ? "One policy" : `${gone.length} policies`} that decided it{" "}
          {gone.length === 1 ? "is" : "are"} no longer in force with the same text: the text stands in the evidence.
        </p>
      )}
      {determined.length > 0 ? null : others.slice(0, 2).map((chain) => <ChainOf key={chain.digest} chain={chain} />)}
      {others.length === 0 ? null : (
        <details>
          <summary>
            {others.length} other policies about this tool did not hold: the first condition of each that was not met
          </summary>
          <ul>
            {others.map((chain) => (
              <li key={chain.digest}>
                {chain.effect} <Said text={chain.policy} />: <Failing chain={chain} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {inForce ? null : (
        <p className="quiet">Other rules are in force now than when it was decided, so others are not compared here.</p>
      )}
    </div>
  );
}

function ChainOf({ chain }: { readonly chain: Chain }) {
  return (
    <figure>
      <figcaption>
        {chain.effect === "permit" ? "Permits" : "Forbids"}: <Said text={chain.title ?? chain.policy} />
        {chain.conditions.length === 0 ? ", always" : ", where"}
      </figcaption>
      <ol className="chain dots">
        {chain.conditions.map((condition) => (
          <li key={`${condition.kind} ${condition.text}`} className={looks(condition)}>
            <Said text={condition.text} /> <small>{said(condition)}</small>
          </li>
        ))}
      </ol>
    </figure>
  );
}

function Failing({ chain }: { readonly chain: Chain }) {
  const failing = chain.conditions.find(({ held }) => held === false);
  return failing === undefined ? <>it holds, and is only observed</> : <Said text={failing.text} />;
}

function looks({ held }: Condition): string {
  return held === true ? "held-true" : held === false ? "held-false" : "not-looked";
}

function said({ held, cure, error }: Condition): string {
  if (error !== undefined) return `✕ could not be evaluated: ${error}`;
  const more = !cure || held === null ? "" : held ? ": what it asks for was missing" : ": what it asks for was there";
  return `${held === true ? "✓ met" : held === false ? "✕ not met" : "· not looked at any more"}${more}`;
}
