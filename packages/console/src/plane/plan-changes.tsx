import { Said } from "../parts/machine.tsx";
import { Told } from "../parts/told.tsx";

interface Change {
  readonly mark: "+" | "~" | "-";
  readonly kind: string;
  readonly name: string;
  readonly sentence: string;
  readonly risk: "wider" | "unclear" | "none";
}

const risks = {
  wider: ["!", "failed", "agents may do more"],
  unclear: ["?", "held", "may be more: only the difference of the rules can tell"],
  none: ["·", "quiet", ""],
} as const;

/** What applying would change, in sentences; what widens first. */
export function PlanChanges({ plan }: { readonly plan: { readonly changes?: unknown } }) {
  const changes = (Array.isArray(plan.changes) ? plan.changes : []) as readonly Change[];
  if (changes.length === 0) return <p>Nothing changes: these are the files in force.</p>;
  const order = ["wider", "unclear", "none"] as const;
  return (
    <ul aria-label="What changes">
      {changes
        .toSorted((one, other) => order.indexOf(one.risk) - order.indexOf(other.risk))
        .map(({ mark, kind, name, sentence, risk }) => (
          <li key={`${mark} ${kind} ${name} ${sentence}`}>
            <span className={risks[risk][1]}>{risks[risk][0]}</span> {mark} {kind} <Said text={name} />:{" "}
            <Told text={sentence} />
            {risk === "none" ? null : <strong className={risks[risk][1]}> ({risks[risk][2]})</strong>}
          </li>
        ))}
    </ul>
  );
}
