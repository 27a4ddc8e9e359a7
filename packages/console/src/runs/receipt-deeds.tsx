import type { Action, ActionReceipt } from "@countersign/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { A } from "../address.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Raw } from "../parts/machine.tsx";
import { State } from "../parts/state.tsx";
import { Trouble } from "../parts/trouble.tsx";
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
  // What was just done is still told after the page has heard of it.
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
  const act = useMutation({
    mutationFn: (reason: string): Promise<Action> =>
      deed === "cancel" ? plane().actions.cancel(receipt.id, reason) : plane().actions.reverse(receipt.id, reason),
    onSuccess: () => void queries.invalidateQueries(),
  });
  const done = (): void => {
    act.reset();
    close();
  };
  const isReverse = deed === "reverse";
  return (
    <Dialog isOpen={deed !== undefined} close={done} title={isReverse ? "Reverse this action" : "Cancel this action"}>
      {act.data !== undefined ? (
        <>
          <p role="status">
            {isReverse ? "The undo is an action of its own: " : "It is "}
            <State of={act.data.state} />. <Told text={act.data.sentence} />
          </p>
          <div className="deeds">
            {isReverse ? (
              <A to={`/actions/${act.data.id}`} className="button">
                Open the undo
              </A>
            ) : null}
            <button type="button" onClick={done}>
              Close
            </button>
          </div>
        </>
      ) : (
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
            <button type="submit" disabled={act.isPending}>
              {act.isPending ? "Asking …" : isReverse ? "Reverse it" : "Cancel it"}
            </button>
            <button type="button" onClick={done}>
              Not now
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
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
