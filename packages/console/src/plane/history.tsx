import type { Activation } from "@countersign/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ago } from "../parts/ago.tsx";
import { Short } from "../parts/machine.tsx";
import { Empty } from "../parts/rows.tsx";
import { type Column, Save } from "../parts/save.tsx";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { PlanChanges } from "./plan-changes.tsx";

const columns: readonly Column<Activation>[] = [
  { name: "revision", of: ({ revision }) => revision },
  { name: "digest", of: ({ digest }) => digest },
  { name: "at", of: ({ at }) => at },
  { name: "by", of: ({ by }) => by },
  { name: "signed by", of: ({ signedBy }) => signedBy },
  { name: "changed", of: ({ changed }) => changed.join(" ") },
  { name: "receipt", of: ({ receipt }) => receipt },
];

/** Everything that was put in force, newest first, and the way back: the plan first, then the deed. */
export function History() {
  const [to, setTo] = useState<number | undefined>(undefined);
  const found = useQuery({ queryKey: ["plane", "history"], queryFn: () => plane().policies.history(200) });
  const trouble = found.error === null ? null : <Trouble of={found.error} again={() => void found.refetch()} />;
  if (found.data === undefined) return trouble;
  const [now] = found.data;
  if (now === undefined)
    return (
      <>
        {trouble}
        <Empty>
          <p>
            Nothing was put in force yet. <code>npx countersign apply</code> does it with the files of a folder.
          </p>
        </Empty>
      </>
    );
  return (
    <>
      {trouble}
      <div className="wide">
        <table className="stack">
          <thead>
            <tr>
              <th scope="col" className="number">
                Revision
              </th>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What changed</th>
              <th scope="col">
                <span className="unseen">Deeds</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.data.map((one) => (
              <tr key={one.revision}>
                <td className="number">
                  {one.revision} <Short of={one.digest} />
                </td>
                <td>
                  <Ago at={one.at} />
                </td>
                <td>
                  {one.by}
                  <br />
                  <small>
                    {one.single
                      ? "an organisation of one"
                      : one.signedBy === null
                        ? "the first, unsigned"
                        : `signed by ${one.signedBy}`}
                  </small>
                </td>
                <td>
                  {one.changed.join(", ") || "nothing"}
                  {one.sameAs === undefined ? "" : `; the same as revision ${one.sameAs}`}
                </td>
                <td>
                  {one.receipt === null ? null : <a href={one.receipt}>receipt</a>}{" "}
                  {one.revision === now.revision ? (
                    <span className="allowed">in force</span>
                  ) : (
                    <button type="button" className="quiet" onClick={() => setTo(one.revision)}>
                      Go back to it …
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Save name="history" columns={columns} rows={found.data} />
      {to === undefined ? null : (
        <RollBack key={to} revision={to} expected={now.digest} close={() => setTo(undefined)} />
      )}
    </>
  );
}

function RollBack({
  revision,
  expected,
  close,
}: {
  readonly revision: number;
  readonly expected: string;
  readonly close: () => void;
}) {
  const queries = useQueryClient();
  const planned = useQuery({
    queryKey: ["plane", "roll-back", revision, expected],
    queryFn: () => plane().policies.planRollBack(revision),
  });
  const deed = useMutation({
    mutationFn: () => plane().policies.rollBack(revision, expected),
    onSuccess: () => void queries.invalidateQueries(),
  });
  return (
    <section aria-label={`Back to revision ${revision}`}>
      <h2>Back to revision {revision}</h2>
      {planned.error === null ? null : <Trouble of={planned.error} />}
      {planned.data === undefined ? null : <PlanChanges plan={planned.data.plan} />}
      {deed.error === null ? null : <Trouble of={deed.error} />}
      {deed.data === undefined ? (
        <div className="deeds">
          <Send
            type="button"
            disabled={planned.data === undefined}
            isSending={deed.isPending}
            onClick={() => deed.mutate()}
          >
            Ask to go back to revision {revision}
          </Send>
          <button type="button" onClick={close}>
            Not now
          </button>
          <small>Whole files come back, not single rules. A second person signs.</small>
        </div>
      ) : (
        <Asked done={deed.data} />
      )}
    </section>
  );
}

/** What became of asking to put files in force. */
export function Asked({ done }: { readonly done: { readonly inForce: boolean; readonly proposal?: string } }) {
  if (done.inForce) return <p role="status">It is in force: this organisation is one person.</p>;
  return (
    <p role="status">
      It waits for a second person, and nothing changed yet. Send them{" "}
      <a href={`/proposals/${done.proposal ?? ""}`}>the proposal</a>: it shows what changes, and they sign it there.
    </p>
  );
}
