import { recordsOf } from "../action/stored-record.ts";
import { viewOf } from "../action/view.ts";
import { iso } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import { type Ended, endedAt, endedSince } from "../ledger/ended-sql.ts";
import type { Disclosed } from "../ledger/read.ts";
import { readSubjects } from "../ledger/run-sql.ts";
import type { Control } from "./control.ts";

/** Something that nearly happened, or did for a moment. It opens by itself and is named by its action. */
export interface NearlyHappened {
  readonly action: string;
  readonly kind: "denied" | "caught by a check" | "denied by a person" | "undone";
  /** When it was refused or undone. */
  readonly at: string;
  readonly agent: string;
  readonly workflow: string;
  readonly tool: string;
  readonly sentence: string;
}

export interface NearMissPage {
  readonly nearMisses: readonly NearlyHappened[];
  /** Where to go on: the last action that was looked at. */
  readonly next?: string;
}

/** So many are opened for one page: most of what is refused may be of another kind, such as calls that somebody called off. */
const mostOpened = 1_000;
const stride = 100;
const undoneWithinMs = 3_600_000;

/** Refused by a rule or a check, denied by a person, or undone within an hour; what was so last comes first. */
export async function nearMisses(
  { parts: { db, ledger, wrap } }: Control,
  { days, cursor, limit }: { readonly days: number; readonly cursor?: string; readonly limit: number },
): Promise<NearMissPage> {
  const since = iso(ledger.now() - days * 86_400_000);
  let before = cursor === undefined ? undefined : { subject: cursor, at: await placeOf(db, cursor) };
  const found: NearlyHappened[] = [];
  for (let opened = 0; opened < mostOpened; opened += stride) {
    const ended = await endedSince(db, since, before, stride);
    const ids = ended.map(({ subject }) => subject);
    const entries = await readSubjects(db, ids, wrap);
    for (const one of ended) {
      before = one;
      const near = nearlyHappened(one, entries.get(one.subject) ?? []);
      if (near !== undefined) found.push(near);
      if (found.length === limit) return { nearMisses: found, next: one.subject };
    }
    if (ended.length < stride) return { nearMisses: found };
  }
  return { nearMisses: found, ...(before === undefined ? {} : { next: before.subject }) };
}

async function placeOf(db: Control["parts"]["db"], cursor: string): Promise<string> {
  const at = await endedAt(db, cursor);
  if (at === undefined) throw new Problem("invalid", "this is no `next` of an earlier page", { at: "/cursor" });
  return at;
}

function nearlyHappened({ subject, kind, at }: Ended, entries: readonly Disclosed[]): NearlyHappened | undefined {
  const near = kindOf(kind, entries);
  if (near === undefined) return undefined;
  const { agent, workflow, sentence } = viewOf({ subject, key: null, entries });
  return { action: subject, kind: near, at, agent, workflow, tool: entries[0]?.entry.tool ?? "", sentence };
}

/** What was erased says no more why it was refused, but by whom, and when it was undone. */
function kindOf(kind: Ended["kind"], entries: readonly Disclosed[]): NearlyHappened["kind"] | undefined {
  if (kind === "denied") return "denied by a person";
  if (kind === "reversed") return wasShort(entries) ? "undone" : undefined;
  const refusal = recordsOf({ entries }).findLast((record) => record?.refusal !== undefined)?.refusal;
  if (refusal === "policy") return "denied";
  if (refusal === "denied") return "denied by a person";
  return refusal === "check" ? "caught by a check" : undefined;
}

function wasShort(entries: readonly Disclosed[]): boolean {
  const last = (state: string): number =>
    Date.parse(entries.findLast(({ entry }) => entry.to_state === state)?.entry.at ?? "");
  return last("reversed") - last("done") <= undoneWithinMs;
}
