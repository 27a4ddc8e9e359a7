/** The answer that is about to be sent, and the way back. It is read out once, not each second. */
export function GraceLine({
  doing,
  seconds,
  takeBack,
  sendNow,
}: {
  /** `Approving`, `Denying`. */
  readonly doing: string;
  /** Undefined while nothing waits. */
  readonly seconds: number | undefined;
  readonly takeBack: () => void;
  readonly sendNow: () => void;
}) {
  return (
    <div role="status">
      {seconds === undefined ? null : (
        <p>
          {doing} <span aria-hidden="true">in {seconds} s</span>.{" "}
          <button type="button" ref={focus} onClick={takeBack}>
            Take it back <kbd>u</kbd>
          </button>{" "}
          <button type="button" onClick={sendNow}>
            Send now
          </button>
        </p>
      )}
    </div>
  );
}

/** The button that was pressed works no more meanwhile: the keyboard's place is the way back. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}
