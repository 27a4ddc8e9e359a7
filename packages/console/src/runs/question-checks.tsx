import type { ActionReceipt } from "@countersign/client";
import { Said, Short } from "../parts/machine.tsx";
import { Question } from "./question.tsx";

export function Checks({ receipt: { checks, disclosed } }: { readonly receipt: ActionReceipt }) {
  const bad = checks.filter(({ verdict }) => verdict !== "pass");
  const told = (bad.length > 0 ? bad : checks).map(
    ({ name, verdict, stage }) => `${name} on the ${String(stage ?? "call")}: ${verdict}`,
  );
  return (
    <Question
      at={4}
      asks="What checks ran?"
      answer={
        !disclosed
          ? "Which ran was erased."
          : checks.length === 0
            ? "None."
            : bad.length === 0
              ? `${checks.length} checks, all passed: ${[...new Set(checks.map(({ name }) => name))].join(", ")}.`
              : `${told.join("; ")}.`
      }
    >
      <ul>
        {checks.map((check) => (
          <li key={`${check.name} ${String(check.stage)}`}>
            {check.name} <Short of={check.version} /> on the {String(check.stage)}: {check.verdict} in{" "}
            {check.microseconds} µs
            {check.score === undefined ? "" : `, score ${check.score} of ${check.threshold ?? "?"}`}
            {check.evidence.map((one) => (
              <span key={`${one.rule} ${one.pointer}`}>
                {" · "}
                <Said text={`${one.rule} at ${one.pointer}`} />
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Question>
  );
}
