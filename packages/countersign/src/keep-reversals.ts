import { type Control, goOnReversing, reversalsDue } from "./governance/index.ts";

const lookEveryMs = 500;
const mostAtOnce = 4;

/** Goes on with reversals of whole runs, also with those that a replica which died had begun. */
export function keepReversals(control: Control, undo: (() => Promise<unknown>)[]): void {
  const busy = new Map<string, Promise<void>>();
  let isOver = false;
  let looking: Promise<unknown> = Promise.resolve();
  const look = async (): Promise<void> => {
    const free = mostAtOnce - busy.size;
    if (free <= 0) return;
    for (const id of await reversalsDue(control, free)) {
      if (busy.has(id) || isOver) continue;
      busy.set(
        id,
        goOnReversing(control, id, () => isOver).finally(() => busy.delete(id)),
      );
    }
  };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = look()
      .catch((cause: unknown) =>
        control.parts.log.warn({ cause: String(cause) }, "reversals could not be looked for; it is tried again"),
      )
      .finally(() => {
        isLooking = false;
      });
  }, lookEveryMs);
  timer.unref();
  undo.push(async () => {
    isOver = true;
    clearInterval(timer);
    await looking;
    await Promise.allSettled(busy.values());
  });
}
