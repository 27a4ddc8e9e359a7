import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { Send } from "../parts/send.tsx";
import type { Request } from "./shape.ts";

interface Standing {
  /** The request is not what it was when the dialog opened. */
  readonly hasChanged: boolean;
  readonly close: () => void;
  /** Closes it, and leads to the request as it is now. */
  readonly look: () => void;
}

const StandsAt = createContext<Standing | undefined>(undefined);

/**
 * A dialog about a request as it was when it opened. News are read behind it, where nobody sees them: what changed by them
 * is said in it, and nothing is sent from it any more, so that nobody sends a yes to what they never looked at.
 */
export function RequestDialog<Of extends Request>({
  of,
  also = "",
  isOpen,
  close,
  title,
  children,
}: {
  readonly of: Of;
  /** What else it shows and no digest covers. */
  readonly also?: string;
  readonly isOpen: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly children: (held: Of) => ReactNode;
}) {
  const isLooking = useRef(false);
  useEffect(() => {
    if (isOpen || !isLooking.current) return;
    isLooking.current = false;
    // After the browser gave the focus back to what had opened the dialog.
    document.querySelector<HTMLElement>("article h2.sentence")?.focus();
  }, [isOpen]);
  const look = (): void => {
    isLooking.current = true;
    close();
  };
  return (
    <Dialog isOpen={isOpen} close={close} title={title}>
      <Held of={of} also={also} close={close} look={look}>
        {children}
      </Held>
    </Dialog>
  );
}

/** Begins anew with each opening: a dialog's content lives while it is open. */
function Held<Of extends Request>({
  of,
  also,
  close,
  look,
  children,
}: Pick<Standing, "close" | "look"> & {
  readonly of: Of;
  readonly also: string;
  readonly children: (held: Of) => ReactNode;
}) {
  const now = JSON.stringify([of.callDigest, of.shownDigest, also]);
  const [opened] = useState(now);
  const [hasChanged, setChanged] = useState(false);
  if (now !== opened && !hasChanged) setChanged(true);
  const held = useRef(of);
  // The same again may bring a newer number to sign.
  if (now === opened && !hasChanged) held.current = of;
  const latest = useRef({ close, look });
  latest.current = { close, look };
  const standing = useMemo(
    (): Standing => ({ hasChanged, close: () => latest.current.close(), look: () => latest.current.look() }),
    [hasChanged],
  );
  return <StandsAt value={standing}>{children(held.current)}</StandsAt>;
}

/** What sends from such a dialog, and what leaves it. */
export function RequestDeeds({
  isSending,
  disabled = false,
  children,
}: {
  readonly isSending: boolean;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}) {
  const standing = useContext(StandsAt);
  if (standing === undefined) throw new Error("there is no request's dialog above this");
  const { hasChanged, close, look } = standing;
  return (
    <>
      {/* What is on its way may itself be what changed it. */}
      {hasChanged && !isSending ? (
        <div className="trouble" role="alert">
          <p>
            <strong>The request changed after you opened this.</strong> Nothing is sent from here any more: close this
            and look at the request first. What you wrote is kept.
          </p>
          <button type="button" onClick={look}>
            Show me what changed
          </button>
        </div>
      ) : null}
      <div className="deeds">
        <Send type="submit" disabled={disabled} isSending={isSending} isDisarmed={hasChanged}>
          {children}
        </Send>
        <button type="button" onClick={close}>
          Not now
        </button>
      </div>
    </>
  );
}
