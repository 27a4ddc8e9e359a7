import type { ApprovalLoad } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { span } from "../parts/ago.tsx";
import { Spark } from "../parts/spark.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { Wide } from "../parts/wide.tsx";
import { ask } from "../plane.ts";
import { Hours } from "./hours.tsx";

type Quantiles = ApprovalLoad["approvers"][number]["dwellMs"];

/** How long requests wait, who answers them, and whether those answers are decisions. Quality first, then quantity. */
export default function LoadView() {
  const found = useQuery({
    queryKey: ["answers", "load"],
    queryFn: () => ask<ApprovalLoad>("/v1/approvals/load"),
    refetchInterval: 60_000,
  });
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const { queues, approvers } = found.data;
  return (
    <>
      {trouble}
      <h2>Approvers, over the last day</h2>
      <Wide label="Approvers">
        <table>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Are these decisions?</th>
              <th scope="col" className="number">
                Approved
              </th>
              <th scope="col">Looked at (p50, p90)</th>
              <th scope="col">Time to decide (p50, p90)</th>
              <th scope="col" className="number">
                Answered
              </th>
              <th scope="col" className="number">
                Wait for them
              </th>
            </tr>
          </thead>
          <tbody>
            {approvers.map((one) => (
              <tr key={one.person}>
                <td>{one.person}</td>
                <td>
                  {one.signals.length === 0
                    ? "nothing speaks against it"
                    : one.signals.map(({ sentence }) => sentence).join(" ")}
                </td>
                <td className="number">
                  {one.approvedShare === null ? "" : `${Math.round(one.approvedShare * 100)} %`}
                </td>
                <td>{both(one.dwellMs)}</td>
                <td>{both(one.decideMs)}</td>
                <td className="number">
                  <Spark of={one.answers} /> {one.answered}
                  {one.budget === undefined ? "" : ` (${one.budget.used} of ${one.budget.perHour} this hour)`}
                </td>
                <td className="number">{one.open}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <h2>What is asked from whom</h2>
      {queues.length === 0 ? <p className="quiet">Nobody was asked within the last day.</p> : null}
      <ul>
        {queues.map((one) => (
          <li key={`${one.workflow} ${one.from}`}>
            {one.workflow}, from {one.from} ({one.people}): {one.forecast.sentence} <Spark of={one.waiting} />{" "}
            <small>
              {one.open} wait, {one.arrived} came, {one.ended} ended; waited {both(one.waitMs) || "not known yet"}
            </small>
          </li>
        ))}
      </ul>
      <p className="quiet">
        The bars are the last 24 hours, the latest on the right: how many somebody answered, and how many waited on
        average.
      </p>
      <Hours load={found.data} at={found.dataUpdatedAt} />
    </>
  );
}

function both(of: Quantiles): string {
  return of === null ? "" : `${span(Math.max(1_000, of.p50))}, ${span(Math.max(1_000, of.p90))}`;
}
