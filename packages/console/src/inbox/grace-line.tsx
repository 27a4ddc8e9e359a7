import type { Ref } from "react";
import { useKeyboard } from "../keys.tsx";
import type { Phase } from "./use-answer.ts";

const doing = { approve: "Approving", deny: "Denying" };

/** How an answer stands. It is read out once for each change; the seconds that run are for the eye. */
export function GraceLine({
  phase,
  takeBack,
  sendNow,
  back,
}: {
  readonly phase: Phase;
  readonly takeBack: () => void;
  readonly sendNow: () => void;
  /** The button that takes it back. */
  readonly back: Ref<HTMLButtonElement>;
}) {
  const { isOn } = useKeyboard();
  return (
    <>
      <p role="status" className="unseen">
        {said(phase, isOn)}
      </p>
      {phase.is !== "waiting" ? null : (
        <p>
          <span aria-hidden="true">
            {doing[phase.given.verdict]} in {phase.seconds} s.
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

function said(phase: Phase, hasKeys: boolean): string {
  if (phase.is === "waiting")
    return `${doing[phase.given.verdict]}: it is sent in a few seconds. Press ${hasKeys ? "u or " : ""}Take it back to hold it.`;
  if (phase.is === "sending") return "Your answer is on its way.";
  if (phase.is === "taken back") return "Taken back: nothing was sent.";
  return "";
}
