import type { ActionView } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { type Call, claimNames, claimValue } from "./call.ts";
import { claimHolder, dropExpiredClaims } from "./claim-sql.ts";
import { loadSubmitted } from "./get.ts";
import type { Submitted } from "./hall.ts";
import type { Parts } from "./parts.ts";
import { isAskedSince } from "./questions.ts";
import { releaser } from "./release.ts";
import type { SubmitOptions } from "./submission.ts";

/**
 * An identical call that is still open, or whose answer was never delivered, is the same action: the caller gets its
 * outcome. Its own key says so while it is open and for a day; without one, only while it is open. Reads are not deduplicated.
 */
export async function attach(
  parts: Parts,
  call: Call,
  options: SubmitOptions,
  collided = false,
): Promise<Submitted | undefined> {
  const names = claimNames(call);
  if (collided) {
    await releaser(parts).flush();
    await dropExpiredClaims(parts.db);
  }
  // Without a key of its own an identical call is found when its claim collides: no read on the way of every write.
  for (const name of collided ? [names.explicit, names.identical] : [names.explicit]) {
    if (name === undefined) continue;
    const holder = await claimHolder(parts.db, name);
    if (holder === null) continue;
    if (holder.value !== claimValue(call)) {
      throw new Problem("conflict", "this idempotency key was used for another call", {
        help: "use a new key for a new call",
      });
    }
    return waitFor(parts, holder.subject, options);
  }
  return undefined;
}

async function waitFor(parts: Parts, action: string, options: SubmitOptions): Promise<Submitted> {
  const until = parts.clock.tick() + (options.waitMs ?? 30_000);
  let before: ActionView | undefined;
  for (;;) {
    const now = await loadSubmitted(parts, action);
    before ??= now.view;
    const open = now.view.state === "held" || now.view.state === "ready" || now.view.state === "running";
    const left = until - parts.clock.tick();
    if (!open || left <= 0 || options.signal?.aborted === true || isAskedSince(before, now.view)) return now;
    if (now.view.state === "held") options.onHeld?.(action);
    await parts.watch.next(action, Math.min(left, 500), options.signal);
  }
}
