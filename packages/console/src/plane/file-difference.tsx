import { Said } from "../parts/machine.tsx";
import { lineRows } from "./line-rows.ts";

const marks = { gone: ["−", "taken away"], new: ["+", "added"], same: [" ", ""], "left out": ["…", ""] } as const;

/** Two texts line by line. */
export function FileDifference({
  before,
  after,
  label,
}: {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
    <section className="wide" aria-label={label} tabIndex={0}>
      <table className="diff">
        <caption className="unseen">{label}</caption>
        <tbody>
          {lineRows(before, after).map(({ kind, text }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one difference have no other name
            <tr key={at} className={kind === "left out" ? "quiet" : kind}>
              <td>
                <span aria-hidden="true">{marks[kind][0]}</span>
                <span className="unseen">{marks[kind][1]}</span>
              </td>
              <td>
                <Said text={text} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
