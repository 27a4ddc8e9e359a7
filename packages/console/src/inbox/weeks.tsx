import type { ApprovalReport } from "@countersign/client";
import { count } from "../parts/machine.tsx";
import { dayOf } from "./stretch.ts";

const height = 96;
const step = 28;
const bar = 18;

type Period = ApprovalReport["period"];

/** Questions of each week as bars, all-hands ones filled; the table says the same. */
export function Weeks({
  period,
  before,
  zone,
}: {
  readonly period: Period;
  readonly before: Period;
  readonly zone: string;
}) {
  const weeks = [...before.weeks, ...period.weeks];
  const most = Math.max(1, ...weeks.map(({ questions }) => questions));
  const tall = (many: number): number => Math.round((many / most) * (height - 4));
  const width = weeks.length * step;
  return (
    <figure className="weeks">
      <figcaption>
        Questions to people in each week; all-hands ones are filled. On the right of the line is this period.
      </figcaption>
      <svg aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {weeks.map(({ since, questions, allHands }, at) => (
          <g key={since} transform={`translate(${at * step + (step - bar) / 2} 0)`}>
            <rect className="asked" y={height - tall(questions)} width={bar} height={tall(questions)} />
            <rect className="all-hands" y={height - tall(allHands)} width={bar} height={tall(allHands)} />
          </g>
        ))}
        <line x1={before.weeks.length * step} x2={before.weeks.length * step} y1={0} y2={height} />
      </svg>
      <details>
        <summary>The same as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Week from</th>
              <th scope="col" className="number">
                Questions
              </th>
              <th scope="col" className="number">
                All-hands
              </th>
              <th scope="col" className="number">
                Without a person
              </th>
            </tr>
          </thead>
          <tbody>
            {weeks.map(({ since, questions, allHands, alone }) => (
              <tr key={since}>
                <th scope="row">
                  <time dateTime={since}>{dayOf(since, zone)}</time>
                </th>
                <td className="number">{count(questions)}</td>
                <td className="number">{count(allHands)}</td>
                <td className="number">{count(alone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
