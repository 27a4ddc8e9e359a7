import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { useKeptForm } from "./kept.ts";
import { Send } from "./send.tsx";
import { Trouble } from "./trouble.tsx";

/** A deed that needs a reason in words: a button, and a dialog that says what it does before it does it. */
export function ReasonDialog({
  of,
  words,
  title,
  label,
  children,
  act,
  isDanger = false,
}: {
  /** What it is done to, by its id: what is written is kept for that alone. */
  readonly of: string;
  readonly words: string;
  readonly title: string;
  /** What the reason is asked as. */
  readonly label: string;
  readonly children?: ReactNode;
  readonly act: (reason: string) => Promise<unknown>;
  readonly isDanger?: boolean;
}) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const kept = useKeptForm(`${of}.${title}`);
  const deed = useMutation({
    mutationFn: act,
    onSuccess: () => {
      kept.forget();
      setOpen(false);
      void queries.invalidateQueries();
    },
  });
  const close = (): void => {
    deed.reset();
    setOpen(false);
  };
  return (
    <>
      <button type="button" className={isDanger ? "stop" : ""} onClick={() => setOpen(true)}>
        {words}
      </button>
      <Dialog isOpen={isOpen} close={close} title={title}>
        <form
          {...kept.form}
          onSubmit={(event) => {
            event.preventDefault();
            deed.mutate(String(new FormData(event.currentTarget).get("reason")).trim());
          }}
        >
          {children}
          <label>
            {label}
            <textarea name="reason" required rows={3} maxLength={2000} />
          </label>
          {deed.error === null ? null : <Trouble of={deed.error} />}
          <div className="deeds">
            <Send type="submit" isSending={deed.isPending}>
              {deed.isPending ? "…" : words}
            </Send>
            <button type="button" onClick={close}>
              Not now
            </button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
