import type { Control } from "./control.ts";
import type { OpenLog } from "./open-log.ts";
import { raiseAlerts } from "./raise-alerts.ts";

const alertEveryMs = 15_000;

/** Looks for what people should know, four times a minute. */
export function keepAlerting(control: Control, book: OpenLog, undo: (() => Promise<unknown>)[]): void {
  const known = new Map();
  let working: Promise<void> = Promise.resolve();
  const look = (): void => {
    working = raiseAlerts(control, book.sequencer.status(), known).catch((cause: unknown) =>
      control.parts.log.warn({ cause: String(cause) }, "alerts could not be looked for; it is tried again"),
    );
  };
  const timer = setInterval(look, alertEveryMs);
  timer.unref();
  undo.push(async () => {
    clearInterval(timer);
    await working;
  });
}
