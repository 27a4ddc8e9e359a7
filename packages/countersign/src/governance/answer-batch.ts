import { effectOf, shownSince } from "../action/index.ts";
import { kindOf, mostTogether, sampleOf, whyAlone } from "../approvals/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import { answer } from "./answer.ts";
import type { Control } from "./control.ts";

export interface BatchRequest {
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly items: readonly { readonly id: string; readonly callDigest: string; readonly shownDigest: string }[];
}

export interface BatchAnswered {
  readonly batch: string;
  readonly answered: readonly { readonly id: string; readonly notCounted?: string }[];
  readonly left: readonly { readonly id: string; readonly because: string }[];
}

/** Answers several at once, each as by itself and with an entry of its own. What changed meanwhile is left out. */
export async function answerBatch(
  control: Control,
  person: PersonCaller,
  { verdict, reason, items }: BatchRequest,
): Promise<BatchAnswered> {
  const ids = new Set(items.map(({ id }) => id));
  if (items.length < 2 || items.length > mostTogether || ids.size !== items.length)
    throw new Problem("invalid", `a batch is 2 to ${mostTogether} different actions`, { at: "/items" });
  if (verdict === "deny" && reason.trim() === "")
    throw new Problem("invalid", "a denial needs a reason: it goes back to the agents", { at: "/reason" });
  await requireAlike(control, items);
  const opened = await openedOf(control, person, items);
  const sample = Math.min(sampleOf, items.length);
  if (opened.size < sample)
    throw new Problem("conflict", `you opened ${opened.size} of these by itself, and ${sample} are asked for`, {
      help: "open some of them one by one; nothing was answered",
    });
  const batch = newId("gov", control.parts.clock.now());
  const answered: BatchAnswered["answered"][number][] = [];
  const left: BatchAnswered["left"][number][] = [];
  for (const { id, ...shown } of items) {
    try {
      const { notCounted } = await answer(control, person, {
        action: id,
        verdict,
        reason,
        ...shown,
        batch: { id: batch, of: items.length, opened: opened.has(id) },
      });
      answered.push(notCounted === undefined ? { id } : { id, notCounted });
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code === "bug") throw thrown;
      left.push({ id, because: thrown.detail });
    }
  }
  return { batch, answered, left };
}

/** INVARIANT: of those that still are what was shown, all are of one kind, and each can be undone. */
async function requireAlike(control: Control, items: BatchRequest["items"]): Promise<void> {
  const kinds = new Map<string, string>();
  for (const { id, callDigest } of items) {
    const open = await control.hall.open(id);
    // What changed or ended is left out by its own answer.
    if (open?.state !== "held" || open.callDigest !== callDigest) continue;
    const why = whyAlone(open);
    // A stop may have come since: then that one is left out.
    if (why !== undefined && open.frozenBy === undefined)
      throw new Problem("invalid", `\`${id}\` is in no batch: ${why}`, { at: "/items", help: "nothing was answered" });
    kinds.set(kindOf(open, effectOf(open)), id);
  }
  if (kinds.size > 1)
    throw new Problem("invalid", `these are not alike: ${[...kinds.values()].map((id) => `\`${id}\``).join(", ")}`, {
      at: "/items",
      help: "a batch is of one tool, one kind of target, the same arguments by name, the same questions, the same words of risk, and a difference of one shape",
    });
}

/** What this person opened by itself, and what they name is what they then saw. */
async function openedOf(
  control: Control,
  person: PersonCaller,
  items: BatchRequest["items"],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { id, shownDigest } of items) {
    const shown = await shownSince(control.parts.db, { action: id, person: person.email, digest: shownDigest });
    if (shown?.opened === true) found.add(id);
  }
  return found;
}
