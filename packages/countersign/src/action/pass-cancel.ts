import type { Tx } from "../db/db.ts";
import type { Parts } from "./parts.ts";

/** Every replica listens to it, on the connection by which it hears of what is in force. */
export const cancelChannel = "countersign_cancel";

interface Cancellation {
  readonly action: string;
  /** Absent where a replica says that it has passed this cancellation on. */
  readonly reason?: string;
}

/** Of one try: whoever runs it answers in a few milliseconds, but for a machine that is very busy. */
const waitMs = 2_000;
/** A notification holds no more than 8000 bytes. */
const longestReason = 500;

/** Passes a cancellation on to whichever replica runs the action; false where none said in time that it has it. */
export async function passCancel(parts: Parts, action: string, reason: string): Promise<boolean> {
  if (abortHere(parts, action, reason)) return true;
  const passed = parts.watch.next(passedName(action), waitMs);
  await tell(parts.db, { action, reason: reason.slice(0, longestReason) });
  return passed;
}

/** What this replica does when it hears of one. */
export function hearCancel(parts: Parts, payload: string): void {
  const { action = "", reason } = read(payload);
  if (reason === undefined) parts.watch.moved(passedName(action));
  else if (abortHere(parts, action, reason)) void tellPassed(parts, action);
}

function tellPassed(parts: Parts, action: string): Promise<void> {
  return tell(parts.db, { action }).catch((cause: unknown) =>
    parts.log.warn({ action, cause: String(cause) }, "a cancellation was passed on, and who asked could not be told"),
  );
}

function read(payload: string): Partial<Cancellation> {
  try {
    return (JSON.parse(payload) ?? {}) as Cancellation;
  } catch {
    // Not one of ours.
    return {};
  }
}

function abortHere(parts: Parts, action: string, reason: string): boolean {
  const flight = parts.inFlight.get(action);
  flight?.abort.abort(reason);
  return flight !== undefined;
}

/** In the watch, beside the names of actions: no id begins so. */
function passedName(action: string): string {
  return `cancelled ${action}`;
}

async function tell(tx: Tx, cancellation: Cancellation): Promise<void> {
  await tx.query("select pg_notify($1, $2)", [cancelChannel, JSON.stringify(cancellation)]);
}
