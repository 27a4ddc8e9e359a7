import type { ActionReceipt } from "@countersign/client";
import type { ReactNode } from "react";
import { Raw, Said, Short } from "../parts/machine.tsx";
import { Part, Question } from "./question.tsx";
import { Told } from "./told.tsx";

export function Policy({ receipt: { policy }, why }: { readonly receipt: ActionReceipt; readonly why: ReactNode }) {
  const { inForce } = policy;
  return (
    <Question
      at={3}
      beside={policy.effect === "allow" ? null : why}
      asks="Which policy allowed it?"
      answer={
        <>
          <strong>{words[policy.effect] ?? policy.effect}</strong>: <Told text={policy.sentence} />.
          {policy.observed === undefined ? "" : ` Observed only: enforcement would have said ${policy.observed}.`}
        </>
      }
    >
      {policy.effect === "allow" ? why : null}
      {policy.determining.map((one) => (
        <div key={one.digest}>
          <p className="quiet">
            {one.effect} <Said text={one.id} /> <Short of={one.digest} />
          </p>
          <Raw value={one.text} label={`text of policy ${one.id}`} />
        </div>
      ))}
      <p className="quiet">
        {policy.policySet.digest === "" ? "No policy was asked" : `Policy set revision ${policy.policySet.revision}`}
        {policy.policySet.digest === "" ? null : (
          <>
            , <Short of={policy.policySet.digest} />
          </>
        )}
        {inForce === undefined
          ? ""
          : inForce.signedBy === null
            ? inForce.single
              ? `, put in force by ${inForce.by} alone: an organisation of one person`
              : ", in force since the first start"
            : `, put in force by ${inForce.by} and signed by ${inForce.signedBy}`}
      </p>
      {policy.nearMiss.length === 0 ? null : (
        <>
          <p className="quiet">Came close</p>
          <ul>
            {policy.nearMiss.map((miss) => (
              <li key={miss.policy}>
                <Said text={miss.policy} />: <Told text={miss.sentence} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Part label="What was asked of the policies" value={policy.input} />
      <Part label="Errors" value={policy.errors.length === 0 ? undefined : policy.errors} />
    </Question>
  );
}

const words: Readonly<Record<string, string>> = {
  allow: "Allowed",
  require: "Asked for more",
  deny: "Denied",
  none: "Nothing decided",
};
