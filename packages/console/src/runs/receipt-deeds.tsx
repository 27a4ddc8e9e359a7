import type { Action, ActionReceipt } from "@countersign/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import type { Outcome } from "../outcome.ts";
import { useOutcomes } from "../outcomes.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Raw } from "../parts/machine.tsx";
import { Send } from "../parts/send.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { Told } from "./told.tsx";

type Deed = "cancel" | "reverse";

/** What can be done to this action now, by its state; the server asks again who may. */
export function ReceiptDeeds({ receipt }: { readonly receipt: ActionReceipt }) {
  const person = usePerson();
  const [deed, setDeed] = useState<Deed>();
  const { id, state, what, reversal, advisory } = receipt;
  const operates = person.roles.some((role) => role === "operator" || role === "admin") || person.email === what.dri;
  const cancels = operates || person.email === what.owner;
  const isOpen = state === "held" || state === "ready" || state === "running";
  const isUndone = state === "done" && !/^it (cannot be reversed|is irreversible)/.test(reversal.sentence);
  // What is being written stays, whatever the page hears meanwhile.
  if (deed === undefined && (advisory || !(isOpen || isUndone || state === "unknown"))) return null;
  return (
    <div className="deeds">
      {state === "held" ? <Answering id={id} /> : null}
      {state === "unknown" ? (
        <A to="/unknowns" className="button">
          Say what became of it
        </A>
      ) : null}
      {isOpen && cancels ? (
        <button type="button" onClick={() => setDeed("cancel")}>
          Cancel it …
        </button>
      ) : null}
      {isUndone && operates ? (
        <button type="button" onClick={() => setDeed("reverse")}>
          Reverse it …
        </button>
      ) : null}
      {isUndone && !operates ? (
        <p className="quiet">Operators, administrators and {what.dri}, who answers for the workflow, can reverse it.</p>
      ) : null}
      <DeedDialog receipt={receipt} deed={deed} close={() => setDeed(undefined)} />
    </div>
  );
}

/** Answering is offered to whom it was asked of; the question alone shows them nothing, and no such showing is noted. */
function Answering({ id }: { readonly id: string }) {
  const found = useQuery({
    queryKey: ["approvals", "line", id],
    queryFn: () => plane().approvals.page({ action: id, limit: 1 }),
  });
  const line = found.data?.approvals[0];
  if (line === undefined) return null;
  if (line.frozenBy !== undefined)
    return (
      <p className="quiet">
        It is frozen by <A to={`/stops/${line.frozenBy}`}>a stop</A>: nobody can answer it before that ends.
      </p>
    );
  if (!line.yours)
    return (
      <p className="quiet">
        It waits for others to answer. <A to={`/inbox/${id}`}>Whom it asks, and why</A>
      </p>
    );
  return (
    <A to={`/inbox/${id}`} className="button">
      Answer it
    </A>
  );
}

function DeedDialog({
  receipt,
  deed,
  close,
}: {
  readonly receipt: ActionReceipt;
  readonly deed: Deed | undefined;
  readonly close: () => void;
}) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  const isReverse = deed === "reverse";
  const act = useMutation({
    mutationFn: (reason: string): Promise<Action> =>
      deed === "cancel" ? plane().actions.cancel(receipt.id, reason) : plane().actions.reverse(receipt.id, reason),
    onSuccess: (made) => {
      tell(isReverse ? toldOfUndo(receipt, made) : toldOfCancel(receipt, made));
      done();
      void queries.invalidateQueries();
    },
  });
  const done = (): void => {
    act.reset();
    close();
  };
  return (
    <Dialog isOpen={deed !== undefined} close={done} title={isReverse ? "Reverse this action" : "Cancel this action"}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate(String(new FormData(event.currentTarget).get("reason")));
        }}
      >
        {isReverse ? <How receipt={receipt} /> : <p>It is refused, and its agent is told why. Nothing of it runs.</p>}
        <label>
          Why
          <textarea name="reason" required rows={2} maxLength={2000} />
        </label>
        {act.error === null ? null : <Trouble of={act.error} />}
        <div className="deeds">
          <Send type="submit" isSending={act.isPending}>
            {act.isPending ? "Asking …" : isReverse ? "Reverse it" : "Cancel it"}
          </Send>
          <button type="button" onClick={done}>
            Not now
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const went: ReadonlySet<string> = new Set(["received", "held", "ready", "running", "done"]);

/** The undo is what the way leads to, and how that stands is said as long as this is shown. */
function toldOfUndo({ what }: ActionReceipt, undo: Action): Outcome {
  return {
    about: undo.id,
    text: `You asked to undo ${what.tool}. The undo is an action of its own: ${sentence(undo.sentence)}`,
    isBad: !went.has(undo.state),
    action: undo.id,
    link: { to: `/actions/${undo.id}`, words: "Open the undo" },
  };
}

function toldOfCancel({ id, what }: ActionReceipt, now: Action): Outcome {
  return {
    about: id,
    text: `You asked to cancel ${what.tool}: ${sentence(now.sentence)}`,
    action: id,
    link: { to: `/actions/${id}`, words: "Its receipt" },
  };
}

function How({ receipt: { reversal } }: { readonly receipt: ActionReceipt }) {
  const plan = reversal.plan as
    | { readonly sentence?: string; readonly tool?: string; readonly args?: unknown }
    | undefined;
  return (
    <>
      <p>
        {plan?.sentence === undefined ? (
          "It is undone by the plan that was captured before it ran."
        ) : (
          <>
            How: <Told text={plan.sentence} />.
          </>
        )}{" "}
        The undo is decided like any other action, and may be held for approval. It has a receipt of its own.
      </p>
      {plan?.args === undefined ? null : (
        <details>
          <summary>The exact call that undoes it</summary>
          <Raw value={{ tool: plan.tool, arguments: plan.args }} label="the call that undoes it" />
        </details>
      )}
    </>
  );
}
