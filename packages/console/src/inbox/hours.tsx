import type { ApprovalLoad } from "@countersign/client";
import { count } from "../parts/machine.tsx";
import { Wide } from "../parts/wide.tsx";

const hourMs = 3_600_000;

/** What the small pictures of the page show, hour by hour, in the viewer's time. */
export function Hours({
  load: { windowMs, queues, approvers },
  at,
}: {
  readonly load: ApprovalLoad;
  readonly at: number;
}) {
  const columns = [
    ...approvers.map(({ person, answers }) => ({ name: `${person} answered`, values: answers })),
    ...queues.map(({ workflow, from, waiting }) => ({ name: `${workflow}, from ${from}: waited`, values: waiting })),
  ];
  const hours = Array.from({ length: windowMs / hourMs }, (_, hour) => at - windowMs + hour * hourMs);
  return (
    <details>
      <summary>The last day hour by hour, as a table</summary>
      <Wide label="The last day hour by hour">
        <table className="hours">
          <thead>
            <tr>
              <th scope="col">From</th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.map((from, hour) => (
              <tr key={from}>
                <th scope="row">
                  <time dateTime={new Date(from).toISOString()} title={new Date(from).toISOString()}>
                    {new Date(from).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}
                  </time>
                </th>
                {columns.map(({ name, values }) => (
                  <td key={name} className="number">
                    {shown(values[hour] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </details>
  );
}

/** On average less than one may have waited. */
function shown(value: number): string {
  if (Number.isInteger(value)) return count(value);
  return value < 0.01 ? "under 0.01" : value.toFixed(2);
}
