import type { ActionReceipt, RunView } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { A } from "../address.tsx";
import { Ago } from "../parts/ago.tsx";
import { State } from "../parts/state.tsx";
import { ask, plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { Conditions } from "./conditions.tsx";
import { handsOn } from "./custody.ts";
import { Custody } from "./custody.tsx";
import { Readers } from "./readers.tsx";
import { ReceiptDeeds } from "./receipt-deeds.tsx";
import { Seal } from "./seal.tsx";
import { Six } from "./six.tsx";
import { useVerdict } from "./use-verdict.ts";

/** The receipt of an action, set like one, with its seal at the foot. */
export function ReceiptPage({ receipt }: { readonly receipt: ActionReceipt }) {
  const { id, state, what, policy, withheld, erased, disclosed, advisory, reversal } = receipt;
  const person = usePerson();
  const isAuditor = person.roles.some((role) => role === "auditor" || role === "admin");
  const run = useQuery({
    queryKey: ["runs", "one", what.run],
    queryFn: () => ask<RunView>(`/v1/runs/${what.run}`),
    enabled: what.run !== "",
    retry: false,
  });
  const undo = useQuery({
    queryKey: ["receipt", reversal.reversedBy],
    queryFn: () => plane().receipts.get(reversal.reversedBy ?? ""),
    enabled: reversal.reversedBy !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const verdict = useVerdict(receipt);
  const undone = undo.data !== undefined && "what" in undo.data ? undo.data : undefined;
  const hands = handsOn({ receipt, run: run.data, writers: verdict.data?.writers, undo: undone });
  const canSeeWhy = disclosed && policy.policySet.digest !== "" && !withheld.includes("/policy/input");
  return (
    <article className="receipt">
      <header>
        <h1>Receipt</h1>
        <p>
          <State of={state} />
          {advisory ? " advisory: nothing was done here" : ""}{" "}
          <span className="quiet">
            asked <Ago at={what.moves[0]?.at ?? ""} />
          </span>
        </p>
        <p className="number">{id}</p>
      </header>
      {disclosed ? null : (
        <p>
          What this record said was erased
          {erased === undefined ? "" : ` by ${erased.by.join(" and ")} because: ${erased.because}`}. What remains proves
          that it was made.
        </p>
      )}
      <ReceiptDeeds receipt={receipt} />
      <Six receipt={receipt} why={canSeeWhy ? <Why id={id} step={what.moves.length} /> : null} />
      <section className="question">
        <h2>Whose hands it went through</h2>
        <Custody hands={hands} />
      </section>
      {withheld.length === 0 ? null : (
        <p className="quiet">
          Not shown to you: {withheld.map((pointer) => pointer.slice(1).replaceAll("/", " ")).join(", ")}.
        </p>
      )}
      {isAuditor ? (
        <details>
          <summary>Who has read this receipt</summary>
          <Readers id={id} />
        </details>
      ) : null}
      <Seal shown={receipt} />
    </article>
  );
}

function Why({ id, step }: { readonly id: string; readonly step: number }) {
  return (
    <>
      <Conditions id={id} step={step} />
      <p className="deeds">
        <A to={`/workbench/${id}`} className="button">
          Open in the workbench
        </A>
      </p>
    </>
  );
}
