import type { AnswersPage, Canaries } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A, useAddress } from "../address.tsx";
import { Ago, took } from "../parts/ago.tsx";
import { Said } from "../parts/machine.tsx";
import { Save } from "../parts/save.tsx";
import { State } from "../parts/state.tsx";
import { Told } from "../parts/told.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { answerColumns } from "./columns.ts";

/** What I answered, and how each ended. */
export default function Answers() {
  const { query, put } = useAddress();
  const cursor = query.get("cursor") ?? undefined;
  const found = useQuery({
    queryKey: ["answers", cursor],
    queryFn: () => ask<AnswersPage>("/v1/answers", { query: { cursor } }),
  });
  const seeded = useQuery({
    queryKey: ["answers", "canaries"],
    queryFn: () => ask<Canaries>("/v1/approvals/canaries"),
  });
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const { answers, next } = found.data;
  if (answers.length === 0)
    return (
      <>
        {trouble}
        <div className="empty">
          <p>You have answered nothing yet. What you approve or deny stands here, with how it ended.</p>
        </div>
      </>
    );
  return (
    <>
      {trouble}
      {seeded.data === undefined || seeded.data.caughtShare === null ? null : (
        <p>
          Of {seeded.data.caught + seeded.data.missed} requests that were seeded to be denied you caught{" "}
          {seeded.data.caught}. Only you see this.
        </p>
      )}
      <div className="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">How it ended</th>
              <th scope="col">What</th>
              <th scope="col">Your answer</th>
              <th scope="col">Looked at</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((one) => (
              <tr key={`${one.action} ${one.at}`}>
                <td>
                  {one.canary === undefined ? (
                    <State of={one.state} />
                  ) : one.canary.caught ? (
                    "a seeded request: caught"
                  ) : (
                    "a seeded request: missed"
                  )}
                  <br />
                  <small>
                    <Told text={one.canary?.sentence ?? one.voided ?? one.sentence} />
                  </small>
                </td>
                <td>
                  {one.receipt === undefined ? (
                    `${one.agent}: ${one.server}.${one.tool}`
                  ) : (
                    <A to={`/actions/${one.action}`}>
                      {one.agent}: {one.server}.{one.tool}
                    </A>
                  )}
                  <br />
                  <small>
                    <Said text={one.target} />
                  </small>
                </td>
                <td>
                  {one.verdict === "approve" ? "approved" : "denied"}
                  <br />
                  <small>
                    <Said text={one.reason} />
                  </small>
                </td>
                <td>{one.dwellMs === null ? "" : took(one.dwellMs)}</td>
                <td>
                  <Ago at={one.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {next === undefined ? null : (
        <button type="button" onClick={() => put({ cursor: next })}>
          Older
        </button>
      )}
      <Save name="answered" columns={answerColumns} rows={answers} />
    </>
  );
}
