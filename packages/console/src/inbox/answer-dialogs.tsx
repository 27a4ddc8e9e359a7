import { AskDialog } from "./ask-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { GrantDialog } from "./grant-dialog.tsx";
import type { Request } from "./shape.ts";

/** What can be done to a request beside approving and denying it, each in a dialog. */
export default function AnswerDialogs({
  of,
  asked,
  close,
}: {
  readonly of: Request;
  readonly asked: "ask" | "edit" | "grant" | undefined;
  readonly close: () => void;
}) {
  return (
    <>
      <AskDialog of={of} isOpen={asked === "ask"} close={close} />
      <EditDialog of={of} isOpen={asked === "edit"} close={close} />
      <GrantDialog of={of} isOpen={asked === "grant"} close={close} />
    </>
  );
}
