import type { Reversal } from "@countersign/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useOutcomes } from "../outcomes.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";

/** Says that a reversal shall not go on, where it still could. The server asks who may. */
export function GiveUp({ of: { run, state } }: { readonly of: Reversal }) {
  const [isOpen, setOpen] = useState(false);
  if (state === "ended" || state === "given-up") return null;
  const close = () => setOpen(false);
  return (
    <div className="deeds">
      <button type="button" onClick={() => setOpen(true)}>
        Give it up …
      </button>
      <Dialog isOpen={isOpen} close={close} title="Give up this reversal">
        <GivingUp run={run} close={close} />
      </Dialog>
    </div>
  );
}

function GivingUp({ run, close }: { readonly run: string; readonly close: () => void }) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  const say = useMutation({
    mutationFn: (reason: string) => plane().actions.giveUpReversal(run, reason),
    onSuccess: (now) => {
      tell({
        about: now.id,
        text: `The reversal of a run is over: ${now.sentence}`,
        link: { to: `/runs/${run}`, words: "How it stands" },
      });
      close();
      void queries.invalidateQueries();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        say.mutate(String(new FormData(event.currentTarget).get("reason")));
      }}
    >
      <p>
        What is undone stays undone, and the rest stays as it is. An undo that waits for people is cancelled; one that
        was sent is left to end. The run can be reversed anew after.
      </p>
      <label>
        Why
        <textarea name="reason" required rows={2} maxLength={2000} />
      </label>
      {say.error === null ? null : <Trouble of={say.error} />}
      <div className="deeds">
        <Send type="submit" isSending={say.isPending}>
          {say.isPending ? "Giving it up …" : "Give it up"}
        </Send>
        <button type="button" onClick={close}>
          Not now
        </button>
      </div>
    </form>
  );
}
