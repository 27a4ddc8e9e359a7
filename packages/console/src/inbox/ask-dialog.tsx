import { useKeptForm } from "../parts/kept.ts";
import { Trouble } from "../parts/trouble.tsx";
import { RequestDeeds, RequestDialog } from "./request-dialog.tsx";
import type { Request } from "./shape.ts";
import { useDeed } from "./use-deed.ts";

/** A question to the agent: the request stays held, and what it replies is shown as a claim. */
export function AskDialog({
  of,
  isOpen,
  close,
}: {
  readonly of: Request;
  readonly isOpen: boolean;
  readonly close: () => void;
}) {
  const kept = useKeptForm(`${of.id}.ask`);
  const deed = useDeed(`/v1/approvals/${of.id}/ask`, () => {
    kept.forget();
    close();
  });
  return (
    <RequestDialog of={of} isOpen={isOpen} close={close} title="Ask back">
      {(held) => (
        <form
          {...kept.form}
          onSubmit={(event) => {
            event.preventDefault();
            const question = String(new FormData(event.currentTarget).get("question"));
            deed.mutate({ question, callDigest: held.callDigest, shownDigest: held.shownDigest });
          }}
        >
          <p>
            The request stays held. The agent sees the question where it waits, and its reply appears here as a claim.
          </p>
          <label>
            Question
            <textarea name="question" required rows={3} maxLength={1000} />
          </label>
          {deed.error === null ? null : <Trouble of={deed.error} />}
          <RequestDeeds isSending={deed.isPending}>Ask</RequestDeeds>
        </form>
      )}
    </RequestDialog>
  );
}
