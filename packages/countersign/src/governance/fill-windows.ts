import { setTimeout as sleep } from "node:timers/promises";
import { windowKey } from "../action/window-key.ts";
import { fillWindows, type PastUse } from "../costs/fill-sql.ts";
import type { Session } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";
import { ranAfterWaiting } from "../ledger/held-sql.ts";
import { clocksApartMs, type Page, pagesSince } from "../ledger/replay-sql.ts";
import { durationMs } from "../policy/duration.ts";
import type { CompiledPolicies } from "../policy/index.ts";
import { type DifferingNeeds, differingNeeds } from "../policy/trial/differing-needs.ts";
import { isAcross, readWindow } from "../policy/window.ts";
import type { Control } from "./control.ts";
import { planeLeaseMs } from "./keep-plane.ts";
import { countPage, type ReplayFilter } from "./replay-page.ts";

const actionsOfPage = 500;
/** So many actions are gone through at once, of all workflows together. */
const mostActions = 100_000;
/** Each is looked up by itself. */
const mostHeld = 2_000;
/** No question stays open for longer. */
const longestWaitMs = 31 * 86_400_000;

/** Limits that a draft counts otherwise than the set in force, or that are new, with what their windows hold already. */
export interface Filling {
  /** Ids of the policies whose windows were counted. */
  readonly windows: readonly string[];
  /** Those that begin empty, because more was done than is gone through. */
  readonly empty: readonly string[];
  readonly uses: readonly PastUse[];
  /** Calls that certainly did not happen. */
  readonly failed: readonly string[];
}

interface FillRange {
  /** What took before is counted already. */
  readonly sinceMs?: number;
  /** How many actions are gone through. */
  readonly most?: number;
}

interface Part {
  /** Absent where calls of every workflow are in it. */
  readonly workflow?: string;
  readonly names: ReadonlySet<string>;
  readonly longestMs: number;
}

/** Limits that are new, or count otherwise, and begin empty because there is too much to go through; their ids. */
export async function limitsBegunEmpty(
  control: Control,
  draft: CompiledPolicies,
  range: FillRange = {},
): Promise<readonly string[]> {
  const { parts } = partsOf(control.keeper.loaded().policies, draft);
  const left = budgetOf(range);
  const found: string[] = [];
  for (const part of parts) if ((await pagesOf(control, part, range, left)) === undefined) found.push(...part.names);
  return found.sort();
}

/**
 * What was done already of what a draft's new limits count, told from the calls in the ledger as a simulation tells it.
 * `formerly` and `previous` would let more pass by it, and begin empty.
 */
export async function pastUses(
  control: Control,
  inForce: CompiledPolicies,
  draft: CompiledPolicies,
  range: FillRange = {},
): Promise<Filling> {
  const { sinceMs = 0 } = range;
  const { parts, differing } = partsOf(inForce, draft);
  const left = budgetOf(range);
  const filling = { windows: [] as string[], empty: [] as string[], uses: [] as PastUse[], failed: [] as string[] };
  let session: Session | undefined;
  try {
    for (const part of parts) {
      const found = await pagesOf(control, part, range, left);
      (found === undefined ? filling.empty : filling.windows).push(...part.names);
      if (found === undefined || found.pages.length === 0) continue;
      session ??= await control.parts.db.connect();
      const { failed } = filling;
      const counting = { failed, differing, names: part.names, filter: found.filter, sinceMs };
      for (const page of found.pages) filling.uses.push(...(await usesOn(control, session, counting, page)));
    }
  } finally {
    await session?.end();
  }
  // One that waited lies on a page too where it was asked for only just before.
  const once = new Map(filling.uses.map((use) => [`${use.key} ${use.action}`, use]));
  return { ...filling, uses: [...once.values()] };
}

interface Counting {
  readonly failed: string[];
  readonly differing: DifferingNeeds;
  readonly names: ReadonlySet<string>;
  readonly filter: ReplayFilter;
  readonly sinceMs: number;
}

/**
 * Counts what was on its way while limits were put in force: at once, and again when no replica writes an intent any more
 * under what was in force before.
 */
export async function fillAgain(
  { parts: { clock, db, log } }: Pick<Control, "parts">,
  count: (sinceMs: number) => Promise<Filling>,
): Promise<void> {
  const sinceMs = clock.now() - clocksApartMs;
  const fill = async (): Promise<void> => fillWindows(db, { ...(await count(sinceMs)), windows: [] });
  const failed = (cause: unknown): void =>
    log.warn({ cause: String(cause) }, "calls of the last moments could not be counted in limits that are new");
  await fill().catch(failed);
  void sleep(2 * planeLeaseMs, undefined, { ref: false })
    .then(fill)
    .catch(failed);
}

function partsOf(
  inForce: CompiledPolicies,
  draft: CompiledPolicies,
): { readonly parts: readonly Part[]; readonly differing: DifferingNeeds } {
  const differing = differingNeeds(inForce, draft);
  const names = new Set(differing.windows);
  const found = new Map<string, { names: Set<string>; longestMs: number }>();
  for (const { id, principal, annotations } of draft.policies) {
    const rule = names.has(id) ? readWindow(annotations.window ?? "") : undefined;
    if (rule === undefined || principal === null || rule.within === undefined) continue;
    if (rule.kind !== "count" && rule.kind !== "sum") continue;
    const where = isAcross(rule) ? "" : principal.id;
    const part = found.get(where) ?? { names: new Set(), longestMs: 0 };
    part.names.add(id);
    part.longestMs = Math.max(part.longestMs, durationMs(rule.within) ?? 0);
    found.set(where, part);
  }
  const parts = [...found].map(([workflow, part]) => ({ ...(workflow === "" ? {} : { workflow }), ...part }));
  return { parts, differing };
}

/** What may still be gone through. All parts share it: one activation opens no more, however many workflows have new limits. */
interface Budget {
  actions: number;
  held: number;
}

function budgetOf({ most = mostActions }: FillRange): Budget {
  return { actions: most, held: mostHeld };
}

/** Takes of what is left; undefined, and takes nothing, where there are more. */
async function pagesOf(
  { parts: { db, ledger } }: Control,
  { workflow, longestMs }: Part,
  { sinceMs = 0 }: FillRange,
  left: Budget,
): Promise<{ readonly pages: readonly Page[]; readonly filter: ReplayFilter } | undefined> {
  const fromMs = Math.max(sinceMs, ledger.now() - longestMs);
  const only = workflow === undefined ? {} : { workflow };
  const range = { since: new Date(fromMs).toISOString(), before: "act_~", ...only };
  const pages = await pagesSince(db, range, actionsOfPage, left.actions + 1);
  // What was asked for before and waited for people may have run since.
  const ids = { from: idAt(fromMs - longestWaitMs), to: idAt(fromMs + clocksApartMs) };
  const waited = (await ranAfterWaiting(db, { ...ids, since: range.since, ...only }, left.held + 1)).map((subject) => ({
    ...{ first: subject, last: subject, actions: 1 },
  }));
  const actions = pages.reduce((sum, page) => sum + page.actions, 0);
  if (waited.length > left.held || actions > left.actions) return undefined;
  left.actions -= actions;
  left.held -= waited.length;
  const filter = { since: new Date(fromMs - longestWaitMs).toISOString(), ...only };
  return { pages: [...pages, ...waited], filter };
}

const idAt = (ms: number): string => firstIdAt("act", ms);

async function usesOn(
  { parts }: Control,
  session: Session,
  { failed, differing, names, filter, sinceMs }: Counting,
  page: Page,
): Promise<readonly PastUse[]> {
  const nowMs = parts.ledger.now();
  const source = { session, wrap: parts.wrap, filter, tick: () => parts.clock.tick() };
  // A page lies among the calls of its own part: between two of one workflow there may be any number of others.
  const own = { ...differing, isAcross: filter.workflow === undefined };
  const calls = await countPage(source, own, { page, since: filter.since });
  return calls.flatMap(({ action, workflow, tool, tookMs, failedMs, doneMs, amounts, scopes }) => {
    if (failedMs !== undefined) failed.push(action);
    if (tookMs === undefined || failedMs !== undefined || tookMs < sinceMs) return [];
    const counted = differing.of(workflow, tool)?.counted ?? [];
    return counted.flatMap((window): readonly PastUse[] => {
      const { name, kind, withinMs: forMs } = window;
      const amount = kind === "sum" ? amounts[name] : 1;
      const scope = scopes[name];
      if (!names.has(name) || forMs === undefined || amount === undefined || scope === undefined) return [];
      // What is on its way, or ended in an error, is in none that counts what is done.
      if (tookMs + forMs <= nowMs || (window.done === true && doneMs === undefined)) return [];
      return [{ key: windowKey(parts.terms, window, scope), action, atMs: tookMs, amount, forMs }];
    });
  });
}
