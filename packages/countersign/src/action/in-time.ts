import { Problem } from "../floor/problem.ts";

const outcomeWaitMs = 10_000;

/** The caller is told within a bounded time; the outcome is written even if it takes longer. */
export async function inTime(recorded: Promise<void>): Promise<void> {
  const late = Symbol("late");
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), outcomeWaitMs).unref();
  });
  try {
    if ((await Promise.race([recorded, waited])) !== late) return;
  } finally {
    clearTimeout(timer);
  }
  throw new Problem("unavailable", "the call was sent, and its outcome could not be recorded yet", {
    help: "send the same call again: it is not sent twice, and gets the outcome once that is recorded",
  });
}
