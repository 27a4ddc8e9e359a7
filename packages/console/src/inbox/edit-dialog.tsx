import { useState } from "react";
import { useAddress } from "../address.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { sentence, Trouble } from "../parts/trouble.tsx";
import type { Request } from "./shape.ts";
import { useDeed } from "./use-deed.ts";

interface Edited {
  readonly edited: { readonly id: string; readonly state: string; readonly sentence: string };
  readonly counts: boolean;
  readonly notCounted?: string;
}

/** Other arguments: a new action, decided from the start, linked to this one, which is refused. */
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
  const [text, setText] = useState<string | undefined>(undefined);
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const [refused, setRefused] = useState<string | undefined>(undefined);
  const deed = useDeed<Edited>(`/v1/approvals/${of.id}/edit`, ({ edited }) => {
    if (edited.state === "refused") return setRefused(sentence(edited.sentence));
    close();
    go(`/actions/${edited.id}`);
  });
  const now = text ?? JSON.stringify(of.args, null, 2);
  return (
    <Dialog isOpen={isOpen} close={close} title="Edit and approve">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const args = read(now);
          if (args === undefined) return setWrong("These are no JSON arguments: an object in braces is expected.");
          setWrong(undefined);
          const reason = String(new FormData(event.currentTarget).get("reason"));
          deed.mutate({ arguments: args, reason, callDigest: of.callDigest, shownDigest: of.shownDigest });
        }}
      >
        <p>
          This makes a new call of {of.agent}'s, which policy decides from the start; your approval counts for exactly
          these arguments. What the agent asked for is refused, and it is told.
        </p>
        <label>
          Arguments
          <textarea
            className="code"
            rows={12}
            spellCheck={false}
            value={now}
            onChange={(event) => setText(event.target.value)}
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
        <div className="deeds">
          <button type="submit" disabled={deed.isPending || text === undefined}>
            Approve the edited call
          </button>
          <button type="button" onClick={close}>
            Not now
          </button>
        </div>
      </form>
    </Dialog>
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
