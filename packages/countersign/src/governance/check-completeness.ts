import type { ApprovalFact } from "@countersign/contract";
import { type Beside, type DecidedRecord, type Gap, gapsOf, measures, type Reason, reasons } from "../action/index.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { type Recorded, readRecorded } from "../ledger/read-recorded.ts";
import { grantsOnRecord } from "../ledger/recorded-sql.ts";
import { outcomeFor } from "../policy/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { noteReads } from "./note-reads.ts";
import type { OpenLog } from "./open-log.ts";
import { type LedgerState, readLedger } from "./read-ledger.ts";

export interface CompletenessRequest {
  /** RFC 3339; thirty days before the end where missing. */
  readonly since?: string;
  /** Now where missing. */
  readonly until?: string;
  readonly workflow?: string;
  /** Only what was asked for before this action: where the page before ended. */
  readonly cursor?: string;
  /** Nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

type Counted = { readonly [one in (typeof measures)[number]]: { readonly of: number; readonly have: number } };

export interface CompletenessPage {
  readonly since: string;
  readonly until: string;
  readonly actions: number;
  readonly measures: Counted;
  readonly reasons: { readonly [one in Reason]: number };
  readonly gaps: readonly (Gap & { readonly action: string; readonly workflow: string; readonly at: string })[];
  /** How far the tree and its anchors reach now. */
  readonly log: LedgerState;
  readonly next?: string;
}

const dayMs = 86_400_000;
const defaultMs = 30 * dayMs;
// Opened at once in the server's own thread: calls wait behind no more.
const actionsAtOnce = 100;
/** One answer tells of no more, and nothing is begun once it took so long: the next page goes on. */
const mostActions = 5_000;
const longestMs = 3_000;

/**
 * What must be on record of each action of a window, and which is not: counted from the entries themselves, page by page.
 * Whether the people whom rules asked for did answer is counted anew. Who looks is in the ledger.
 */
export async function checkCompleteness(
  control: Control,
  logBook: OpenLog,
  person: PersonCaller,
  request: CompletenessRequest,
): Promise<CompletenessPage> {
  const { cursor, signal, workflow } = request;
  const about = workflow === undefined ? {} : { workflow };
  requireMay(person, "read-private", contextOf(control, about));
  const { parts } = control;
  const nowMs = parts.ledger.now();
  const untilMs = request.until === undefined ? nowMs : Date.parse(request.until);
  const sinceMs = request.since === undefined ? untilMs - defaultMs : Date.parse(request.since);
  if (sinceMs >= untilMs)
    throw new Problem("invalid", "the window ends before it begins", { help: "an earlier `since`", at: "/since" });
  const [since, until] = [new Date(sinceMs).toISOString(), new Date(untilMs).toISOString()];
  await noteReads(control, person, { since, until, ...about }, "completeness check");
  const begun = parts.clock.tick();
  const counted = new Count();
  let before = cursor;
  for (;;) {
    if (signal?.aborted === true)
      throw new Problem("unavailable", "whoever asked has gone, so it was not counted to its end", {
        help: "ask again",
      });
    const filter = { sinceMs, untilMs, ...about, ...(before === undefined ? {} : { before }) };
    const { actions, next } = await readRecorded(parts.db, filter, actionsAtOnce, parts.wrap);
    counted.add(actions, nowMs, await besideOf(control, actions));
    before = next;
    if (next === undefined || counted.actions >= mostActions || parts.clock.tick() - begun > longestMs) break;
  }
  const next = before === undefined ? {} : { next: before };
  return { since, until, ...counted.told(), log: await readLedger(control, logBook), ...next };
}

/** What is summed over the actions of a page. */
class Count {
  actions = 0;
  readonly #measures = Object.fromEntries(measures.map((one) => [one, { of: 0, have: 0 }])) as {
    [one in (typeof measures)[number]]: { of: number; have: number };
  };
  readonly #reasons = Object.fromEntries(reasons.map((one) => [one, 0])) as { [one in Reason]: number };
  readonly #gaps: CompletenessPage["gaps"][number][] = [];

  add(page: readonly Recorded[], nowMs: number, beside: Beside): void {
    for (const recorded of page) {
      const { subject: action, workflow, entries } = recorded;
      const audited = gapsOf(recorded, nowMs, beside);
      this.actions++;
      for (const one of measures) {
        this.#measures[one].of += audited.measures[one].of;
        this.#measures[one].have += audited.measures[one].have;
      }
      for (const one of audited.reasons) this.#reasons[one]++;
      const at = new Date((entries[0]?.atUs ?? 0) / 1000).toISOString();
      this.#gaps.push(...audited.gaps.map((gap) => ({ action, workflow, at, ...gap })));
    }
  }

  told(): Pick<CompletenessPage, "actions" | "measures" | "reasons" | "gaps"> {
    return { actions: this.actions, measures: this.#measures, reasons: this.#reasons, gaps: this.#gaps };
  }
}

/** The grants that a page's decisions count, as the ledger has them, and what the rules in force would say. */
async function besideOf({ keeper, parts }: Control, page: readonly Recorded[]): Promise<Beside> {
  const ids = page.flatMap(({ entries }) => entries.flatMap(({ payload }) => grantsIn(payload)));
  const found = await grantsOnRecord(parts.db, [...new Set(ids)]);
  const { policies } = keeper.loaded();
  return {
    grants: new Map(found.map(({ subject, person, at }) => [subject, { person: person ?? "", atMs: Date.parse(at) }])),
    stillAsks({ decision, input }: DecidedRecord, approvals: readonly ApprovalFact[]) {
      if (decision.policySet.digest !== policies.digest) return undefined;
      return outcomeFor({ ...input, facts: { ...input.facts, approvals } }, policies).effect !== "allow";
    },
  };
}

function grantsIn(payload: Recorded["entries"][number]["payload"]): readonly string[] {
  const { input } = (payload ?? {}) as unknown as Partial<DecidedRecord>;
  return (input?.facts?.approvals ?? []).flatMap(({ grant }) => (grant === undefined ? [] : [grant.id]));
}
