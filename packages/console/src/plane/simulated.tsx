import type { ApproverPace, PolicySimulation } from "@countersign/client";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { count, Said } from "../parts/machine.tsx";
import { Wide } from "../parts/wide.tsx";
import { Answer } from "./answer.tsx";
import { approverTime } from "./approver-time.ts";

const words = {
  denied: "newly denied",
  allowed: "newly allowed",
  asked: "newly needs a person",
  waiting: "newly waits for a time",
  "asked otherwise": "asks other people",
} as const;
type Change = keyof typeof words;
const order: readonly Change[] = ["allowed", "denied", "asked", "asked otherwise", "waiting"];

/** The blast radius of a draft: how much of what was asked would have been decided otherwise. */
export function Simulated({
  report,
  pace,
  isOne,
}: {
  readonly report: PolicySimulation;
  readonly pace: ApproverPace;
  readonly isOne: boolean;
}) {
  const { counts, actions, replayed, erased, limited, changes, by } = report;
  const total = order.reduce((sum, change) => sum + counts[change], 0);
  if (isOne) return <One report={report} />;
  return (
    <>
      <p>
        {total === 0
          ? "Nothing would have been decided otherwise."
          : `${count(total)} of ${count(replayed)} decisions about ${count(actions)} actions would have been others:`}
      </p>
      <dl className="facts">
        {order.map((change) => (
          <div key={change} className="fact">
            <dt>{words[change]}</dt>
            <dd>{count(counts[change])}</dd>
          </div>
        ))}
        <div className="fact">
          <dt>it would cost</dt>
          <dd>{approverTime(counts.asked, pace)}</dd>
        </div>
      </dl>
      {erased > 0 ? <p className="quiet">{count(erased)} actions were erased and could not be asked again.</p> : null}
      {limited ? <p className="warn">Older decisions were left out: there are more than were asked for.</p> : null}
      {by.length === 0 ? null : (
        <Wide label="What would be decided otherwise">
          <table>
            <thead>
              <tr>
                <th scope="col">Workflow</th>
                <th scope="col">Tool</th>
                <th scope="col">Change</th>
                <th scope="col" className="number">
                  Decisions
                </th>
              </tr>
            </thead>
            <tbody>
              {by.map((one) => (
                <tr key={`${one.workflow} ${one.tool} ${one.change}`}>
                  <td>{one.workflow}</td>
                  <td>
                    <Said text={one.tool} />
                  </td>
                  <td>{words[one.change]}</td>
                  <td className="number">{count(one.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {changes.length === 0 ? null : (
        <details>
          <summary>the newest {count(changes.length)} of them, one by one</summary>
          <Each changes={changes} />
        </details>
      )}
    </>
  );
}

function One({ report }: { readonly report: PolicySimulation }) {
  const [change] = report.changes;
  if (report.erased > 0) return <p>What it asked was erased: nobody can say what this draft would have decided.</p>;
  if (change === undefined) return <p>This draft would have decided the same about it.</p>;
  const isStopped = change.is === "deny" || (change.is === "require" && change.was === "allow");
  return (
    <>
      <p>
        <strong>
          {isStopped ? "Yes: this draft would have stopped it." : "No: this draft would have let it further."}
        </strong>
      </p>
      <Each changes={report.changes} />
    </>
  );
}

function Each({ changes }: { readonly changes: PolicySimulation["changes"] }) {
  return (
    <ul className="rows" aria-label="decided otherwise">
      {changes.map((one) => (
        <li key={`${one.action} ${one.step}`}>
          <A to={`/actions/${one.action}`} className="row">
            <span className="first">
              <span>
                <Answer of={one.was} /> → <Answer of={one.is} /> <Said text={`${one.agent}: ${one.tool}`} />
              </span>
              <Ago at={one.at} />
            </span>
            <span className="second">
              {one.policies.length === 0 ? "nothing permits it" : `by ${one.policies.join(", ")}`}
            </span>
          </A>
        </li>
      ))}
    </ul>
  );
}
