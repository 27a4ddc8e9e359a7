import { type ReactNode, useEffect, useRef } from "react";

/** A native dialog: the browser keeps the focus in it, and Escape closes it. */
export function Dialog({
  isOpen,
  close,
  title,
  children,
}: {
  readonly isOpen: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (isOpen && !dialog.open) dialog.showModal();
    if (!isOpen && dialog.open) dialog.close();
  }, [isOpen]);
  return (
    <dialog ref={ref} onClose={close} aria-label={title}>
      {isOpen ? (
        <>
          <h2>{title}</h2>
          {children}
        </>
      ) : null}
    </dialog>
  );
}
