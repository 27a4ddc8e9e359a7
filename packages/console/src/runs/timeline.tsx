import { A } from "../address.tsx";
import { Said } from "../parts/machine.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { tone } from "../parts/state.tsx";
import { utc } from "./export-rows.ts";
import { Tail } from "./id.tsx";
import { later } from "./later.ts";
import { lanes, type RunEvent } from "./timeline.ts";
import { Told } from "./told.tsx";

/** As `.timeline li` of runs.css has it. */
const rowPx = 28;
const lanePx = 24;
const headPx = 64;

const columns: readonly Column<RunEvent>[] = [
  { name: "at", of: ({ at }) => utc(at) },
  { name: "lane", of: ({ lane }) => lane },
  { name: "who", of: ({ who }) => who },
  { name: "did", of: ({ did }) => did },
  { name: "what", of: ({ what }) => what ?? null },
  { name: "on", of: ({ on }) => on ?? null },
  { name: "because", of: ({ because }) => because ?? null },
  { name: "cost", of: ({ cost }) => cost ?? null },
  { name: "action", of: ({ action }) => action },
];

const laneAt = ({ lane }: RunEvent): number => lanes.indexOf(lane) * lanePx + lanePx / 2;
const rowAt = (row: number): number => row * rowPx + rowPx / 2;

/** Who did what in a run: a picture of lanes beside the words, and the same as a table. */
export function Timeline({ events }: { readonly events: readonly RunEvent[] }) {
  return (
    <>
      <div className="timeline">
        <Lanes events={events} />
        <ol style={{ paddingTop: headPx }}>
          {events.map((event) => (
            <li key={`${event.action} ${event.step}`}>
              <A to={`/actions/${event.action}`}>
                <Words event={event} />
              </A>
              <span className="quiet">{event.laterMs < 1 ? "" : `+ ${later(event.laterMs)}`}</span>
            </li>
          ))}
        </ol>
      </div>
      <details>
        <summary>As a table</summary>
        <div className="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">UTC</th>
                <th scope="col">Lane</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">Cost</th>
                <th scope="col">Action</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <tr key={`${event.action} ${event.step}`}>
                  <td>{event.at.replace("T", " ").replace(/Z$/, "")}</td>
                  <td>{event.lane}</td>
                  <td>
                    <Said text={event.who} />
                  </td>
                  <td>
                    <Deed event={event} isWhole />
                  </td>
                  <td>{event.cost ?? ""}</td>
                  <td>
                    <code>{event.action}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
      <Save name="timeline" columns={columns} rows={events} />
    </>
  );
}

function Words({ event }: { readonly event: RunEvent }) {
  return (
    <>
      <bdi className="who">{event.who}</bdi> <Deed event={event} />
    </>
  );
}

function Deed({
  event: { did, what, on, because },
  isWhole = false,
}: {
  readonly event: RunEvent;
  readonly isWhole?: boolean;
}) {
  return (
    <>
      {did}
      {what === undefined || what === "" ? null : (
        <>
          {" "}
          <Said text={what} />
        </>
      )}
      {on === undefined ? null : (
        <>
          {" on "}
          {isWhole ? <Said text={on} /> : <Tail text={on} most={32} />}
        </>
      )}
      {because === undefined ? null : (
        <span className="because">
          : <Told text={because} />
        </span>
      )}
    </>
  );
}

/** The picture: a lane each, a mark for each event, and a line through the events of each action. */
function Lanes({ events }: { readonly events: readonly RunEvent[] }) {
  const width = lanes.length * lanePx;
  const height = headPx + events.length * rowPx;
  const last = new Map<string, number>();
  const lines = events.flatMap((event, row) => {
    const before = last.get(event.action);
    last.set(event.action, row);
    const from = before === undefined ? undefined : events[before];
    if (before === undefined || from === undefined) return [];
    const [x1, y1, x2, y2] = [laneAt(from), rowAt(before), laneAt(event), rowAt(row)];
    const d = `M${x1} ${y1} C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2}`;
    return [<path key={`${event.action} ${event.step}`} className="way" d={d} />];
  });
  return (
    <svg aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      {lanes.map((lane, at) => (
        <g key={lane}>
          <text transform={`translate(${at * lanePx + lanePx / 2 + 4} ${headPx - 8}) rotate(-60)`}>{lane}</text>
          <line className="lane" x1={at * lanePx + lanePx / 2} x2={at * lanePx + lanePx / 2} y1={headPx} y2={height} />
        </g>
      ))}
      <g transform={`translate(0 ${headPx})`}>
        {lines}
        {events.map((event, row) => (
          <Mark key={`${event.action} ${event.step}`} event={event} x={laneAt(event)} y={rowAt(row)} />
        ))}
      </g>
    </svg>
  );
}

/** Each lane has a shape of its own: nothing is told by place or colour alone. */
function Mark({ event, x, y }: { readonly event: RunEvent; readonly x: number; readonly y: number }) {
  const className = `mark ${tone(event.looks)}`;
  if (event.lane === "gate") return <path className={className} d={`M${x} ${y - 7} l7 7 l-7 7 l-7 -7z`} />;
  if (event.lane === "people") return <path className={className} d={`M${x} ${y - 6} l6.5 11.5 h-13z`} />;
  if (event.lane === "systems") return <rect className={className} x={x - 5} y={y - 5} width="10" height="10" />;
  return <circle className={className} cx={x} cy={y} r="5" />;
}
