import type { ApprovalReport } from "@countersign/client";
import { Suspense } from "react";
import { later } from "../parts/later.ts";
import { count } from "../parts/machine.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Guard } from "../shell/guard.tsx";
import { dayOf, isInPart, lengthOf, type Stretch } from "./stretch.ts";

const Plot = later(() => import("./answered-plot.tsx"));

const columns: readonly Column<Stretch>[] = [
  { name: "since", of: ({ since }) => since },
  { name: "until", of: ({ until }) => until },
  { name: "answered", of: ({ questions }) => questions },
  { name: "median_ms", of: ({ decideMs }) => decideMs?.p50 ?? null },
  { name: "p90_ms", of: ({ decideMs }) => decideMs?.p90 ?? null },
];

/** How much people answered and how long it took them, over time: a picture, and a table that says the same. */
export function Answered({ answers }: { readonly answers: ApprovalReport["answers"] }) {
  const { by, zone, stretches } = answers;
  if (stretches.every(({ questions }) => questions === 0))
    return (
      <>
        <h2>Answered over time</h2>
        <p className="empty">
          Nobody answered a question in this period. Once people approve, deny or edit what a rule asks about, each {by}{" "}
          shows here how many questions that were, and how long they took.
        </p>
      </>
    );
  return (
    <>
      <h2>Answered over time</h2>
      <figure className="answered">
        <figcaption>
          Questions that people answered, by the {by} of {zone}; and the time from when an action was first held to the
          answer that ended it: <span className="median">median</span>,{" "}
          <span className="p90">within which nine of ten were decided (p90)</span>.
        </figcaption>
        <Guard>
          <Suspense fallback={<div className="plots" />}>
            <Plot stretches={stretches} zone={zone} />
          </Suspense>
        </Guard>
        <details>
          <summary>The same numbers as a table</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">{by === "day" ? "Day" : "Week from"}</th>
                <th scope="col" className="number">
                  Answered
                </th>
                <th scope="col" className="number">
                  Median
                </th>
                <th scope="col" className="number">
                  p90
                </th>
              </tr>
            </thead>
            <tbody>
              {stretches.map((one) => (
                <tr key={one.since} data-since={one.since}>
                  <th scope="row">
                    <time dateTime={one.since} title={`${one.since} to ${one.until}`}>
                      {dayOf(one.since, zone)}
                    </time>
                    {by === "day" && isInPart(one, zone) ? <small> in part</small> : null}
                  </th>
                  <td className="number">{count(one.questions)}</td>
                  <td className="number">{one.decideMs === null ? "" : lengthOf(one.decideMs.p50)}</td>
                  <td className="number">{one.decideMs === null ? "" : lengthOf(one.decideMs.p90)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <Save name="answered" columns={columns} rows={stretches} />
        </details>
      </figure>
    </>
  );
}
