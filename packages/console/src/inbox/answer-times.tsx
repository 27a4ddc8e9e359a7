import type { ApprovalReport } from "@countersign/client";
import { took } from "../parts/ago.tsx";
import { State } from "../parts/state.tsx";
import { Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";

const states = { kept: "kept", at_risk: "at risk", missed: "missed" } as const;

/** How fast people answer now, in each workflow, against what the workspace wants. */
export function AnswerTimes({ of }: { readonly of: ApprovalReport["answerTimes"] }) {
  const { workflows, overMs, isWhole, goal } = of;
  return (
    <section aria-label="How fast people answer">
      <h2>How fast people answer</h2>
      <p className="quiet">
        Over the last {took(overMs)}, up to now.
        {goal === null ? " The workspace sets no goal: answerWithin of its approvals is one." : ""}
        {isWhole ? "" : " More was asked than is looked at: the oldest are missing."}
      </p>
      {workflows.length === 0 ? <p>Nobody was asked.</p> : null}
      <ul>
        {workflows.map((one) => (
          <li key={one.workflow} data-kept={one.workflow}>
            {one.state === null ? null : <State of={states[one.state]} />} {one.workflow}:{" "}
            <Told text={sentence(one.sentence)} />
            {one.waitMs === null ? null : (
              <small>
                {" "}
                Answered after {took(one.waitMs.p50)} (median), {took(one.waitMs.p90)} (p90).
              </small>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
