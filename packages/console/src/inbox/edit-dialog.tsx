import { useState } from "react";
import { useAddress } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";
import { useKeptForm, useKeptText } from "../parts/kept.ts";
import { sentence, Trouble } from "../parts/trouble.tsx";
import { RequestDeeds, RequestDialog } from "./request-dialog.tsx";
import type { Request } from "./shape.ts";
import { useDeed } from "./use-deed.ts";

interface Edited {
  readonly edited: { readonly id: string; readonly state: string; readonly sentence: string };
  readonly counts: boolean;
  readonly notCounted?: string;
}

/**
 * Other arguments: a new action, decided from the start, linked to this one, which is refused. Where a passkey is asked
 * for the edit approves nothing: it signs what was shown, and nobody was shown the new call yet.
 */
export function EditDialog({
  of,
  isOpen,
  close,
}: {
  readonly of: Request;
  readonly isOpen: boolean;
  readonly close: () => void;
}) {
  const { go } = useAddress();
  const { tell } = useOutcomes();
  const draft = useKeptText(`${of.id}.arguments`);
  const kept = useKeptForm(`${of.id}.edit`);
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const [refused, setRefused] = useState<string | undefined>(undefined);
  const deed = useDeed<Edited>(`/v1/approvals/${of.id}/edit`, ({ edited, counts, notCounted }) => {
    if (edited.state === "refused") return setRefused(sentence(edited.sentence));
    draft.forget();
    kept.forget();
    close();
    if (counts || notCounted === undefined) return go(`/actions/${edited.id}`);
    const to = `/inbox/${edited.id}`;
    tell({
      about: edited.id,
      text: `The edited call waits, and you have not approved it by that: ${sentence(notCounted)}`,
      link: { to, words: "Look at it" },
    });
    go(to);
  });
  const signs = of.passkey.required;
  const now = draft.text ?? JSON.stringify(of.args, null, 2);
  return (
    <RequestDialog
      of={of}
      also={String(signs)}
      isOpen={isOpen}
      close={close}
      title={signs ? "Edit" : "Edit and approve"}
    >
      {(held) => (
        <form
          {...kept.form}
          onSubmit={(event) => {
            event.preventDefault();
            const args = read(now);
            if (args === undefined) return setWrong("These are no JSON arguments: an object in braces is expected.");
            setWrong(undefined);
            const reason = String(new FormData(event.currentTarget).get("reason"));
            deed.mutate({ arguments: args, reason, callDigest: held.callDigest, shownDigest: held.shownDigest });
          }}
        >
          <p>
            This makes a new call of {held.agent}'s, which policy decides from the start;{" "}
            {held.passkey.required
              ? "it takes a passkey, so it waits until you have looked at it and signed it."
              : "your approval counts for exactly these arguments, where nothing else about the call changes."}{" "}
            What the agent asked for is refused, and it is told.
          </p>
          <label>
            Arguments
            <textarea
              className="code"
              rows={12}
              spellCheck={false}
              value={now}
              onChange={(event) => draft.write(event.target.value)}
            />
          </label>
          <label>
            Why: it goes back to the agent
            <input name="reason" required maxLength={2000} />
          </label>
          {wrong === undefined ? null : (
            <p role="alert" className="failed">
              {wrong}
            </p>
          )}
          {refused === undefined ? null : (
            <p role="alert" className="failed">
              The edited call was refused, and the request stays as it was. {refused}
            </p>
          )}
          {deed.error === null ? null : <Trouble of={deed.error} />}
          <RequestDeeds isSending={deed.isPending} disabled={draft.text === undefined}>
            {held.passkey.required ? "Make the edited call" : "Approve the edited call"}
          </RequestDeeds>
        </form>
      )}
    </RequestDialog>
  );
}

function read(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
