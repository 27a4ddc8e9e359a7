import type { Ref } from "react";
import { useKeyboard } from "../keys.tsx";

/** An answer that is about to be sent. */
export interface Sending {
  readonly verdict: "approve" | "deny";
  readonly seconds: number;
}

const doing = { approve: "Approving", deny: "Denying" };

/** The answer that is about to be sent, and the way back. It is read out once; the seconds that run are for the eye. */
export function GraceLine({
  waiting,
  otherwise = "",
  takeBack,
  sendNow,
  back,
}: {
  readonly waiting: Sending | undefined;
  /** What is read out while none waits. */
  readonly otherwise?: string;
  readonly takeBack: () => void;
  readonly sendNow: () => void;
  /** The button that takes it back. */
  readonly back: Ref<HTMLButtonElement>;
}) {
  const { isOn } = useKeyboard();
  return (
    <>
      <p role="status" className="unseen">
        {waiting === undefined
          ? otherwise
          : `${doing[waiting.verdict]}: it is sent in a few seconds. Press ${isOn ? "u or " : ""}Take it back to hold it.`}
      </p>
      {waiting === undefined ? null : (
        <p>
          <span aria-hidden="true">
            {doing[waiting.verdict]} in {waiting.seconds} s.
          </span>{" "}
          <button type="button" ref={back} onClick={takeBack}>
            Take it back <kbd>u</kbd>
          </button>{" "}
          <button type="button" onClick={sendNow}>
            Send now
          </button>
        </p>
      )}
    </>
  );
}
