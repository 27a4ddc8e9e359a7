import { decisionsOf } from "../action/stored-record.ts";
import { firstIdAt, idMs } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import type { Opened } from "../ledger/read-page.ts";
import { clocksApartMs, type Page, pagesSince } from "../ledger/replay-sql.ts";
import { differingNeeds } from "../policy/trial/differing-needs.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { type Counted, countWindows } from "./count-windows.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { noteReads } from "./note-reads.ts";
import { type ReplaySets, replaying } from "./replay-decisions.ts";
import { ended } from "./replay-ended.ts";
import { replayHere } from "./replay-here.ts";
import type { ReplayFilter } from "./replay-page.ts";
import { replayPages } from "./replay-pages.ts";
import { openThreads, type Replayer } from "./replay-threads.ts";
import { mostChanges, mostDiffering, nothingReplayed, type Replayed } from "./replayed.ts";
import type { CountedWindows, SimulateRequest, Simulation, SimulationStep } from "./simulation.ts";

const actionsOfPage = 500;
/** Below that, starting threads takes longer than they save. */
const fewActions = 2_000;
// Owned here alone: a second simulation at the same time is replayed in the server's own thread, as its cores are taken.
let isThreaded = false;
/** Each has a connection of its own beside those of the server. */
const mostAtOnce = 4;
let running = 0;

/**
 * Asks draft policies what the ledger's stored inputs asked the ones in force, and tells what would be decided otherwise.
 * It only reads, and who read is in the ledger. For people who may read what is private; a DRI names their workflow.
 */
export async function simulatePolicies(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  request: SimulateRequest,
): Promise<AsyncGenerator<SimulationStep>> {
  const { workflow } = request;
  requireMay(person, "read-private", contextOf(control, workflow === undefined ? {} : { workflow }));
  requireRoom();
  const { policies: draft } = await draftWorkspace(sources, request.files, 0);
  const nowMs = control.parts.ledger.now();
  const since = new Date(nowMs - request.sinceMs).toISOString();
  const sets = { inForce: control.keeper.loaded().policies, draft };
  const { isAcross } = differingNeeds(sets.inForce, sets.draft);
  // Calls of every workflow are counted: whoever answers for one may not read the others.
  if (isAcross) requireMay(person, "read-private", contextOf(control, {}));
  const range = { ...rangeOf(sets, request, since), until: new Date(nowMs).toISOString() };
  await noteReads(
    control,
    person,
    { ...range, ...(workflow === undefined || isAcross ? {} : { workflow }) },
    "policy simulate",
  );
  return request.action === undefined
    ? simulate(control, sources, sets, request, { since, ...(workflow === undefined ? {} : { workflow }) })
    : simulateOne(control, sets, { ...request, action: request.action }, since);
}

/** What is read: where windows are counted anew, also the calls before, however many decisions are wanted. */
function rangeOf(
  { inForce, draft }: ReplaySets,
  { action, limit }: SimulateRequest,
  since: string,
): { readonly since: string; readonly most?: number } {
  const { windows, longestMs } = differingNeeds(inForce, draft);
  if (windows.length === 0) return { since, most: limit };
  const firstMs = Math.min(
    Date.parse(since),
    action === undefined ? Number.POSITIVE_INFINITY : idMs(action) - clocksApartMs,
  );
  return { since: new Date(firstMs - longestMs).toISOString() };
}

async function* simulate(
  control: Control,
  sources: LoadSources,
  sets: ReplaySets,
  { limit, signal }: SimulateRequest,
  filter: ReplayFilter,
): AsyncGenerator<SimulationStep> {
  const { db } = control.parts;
  requireRoom();
  running++;
  let replayer: Replayer | undefined;
  const stop = (): void => void replayer?.close();
  try {
    const newest = await pagesSince(db, { ...filter, before: "act_~" }, actionsOfPage, fewActions);
    if (signal?.aborted === true) throw ended();
    // Threads start while the rest is counted.
    replayer = openReplayer(control, sources, sets, filter, Math.min(actionsIn(newest), limit));
    signal?.addEventListener("abort", stop);
    const { last: before } = newest.at(-1) ?? { last: "" };
    const older = await pagesSince(db, { ...filter, before }, actionsOfPage, null);
    const pages = [...newest, ...older];
    const all = actionsIn(pages);
    const counting = countWindows({ db, sets, replayer, filter, pages: upTo(pages, limit) });
    let counted = await counting.next();
    for (; counted.done !== true; counted = await counting.next()) {
      const { done, all: more } = counted.value;
      yield { progress: { done, all: more + all } };
    }
    const { told, windows, actions: read } = counted.value;
    let found = nothingReplayed();
    for await (found of replayPages(replayer, pages, limit, told))
      yield { progress: { done: read + Math.min(found.actions, all), all: read + all } };
    yield { report: reportOf(found, filter.since, found.replayed >= limit && found.actions < all, windows) };
  } finally {
    signal?.removeEventListener("abort", stop);
    running--;
    await replayer?.close();
  }
}

function requireRoom(): void {
  if (running < mostAtOnce) return;
  throw new Problem("too_many", `${mostAtOnce} simulations run on this replica already; nothing was read`, {
    help: "ask again when one of them has ended",
  });
}

/** Pages with so many actions: those that are replayed, but for as many as were erased. */
function upTo(pages: readonly Page[], limit: number): readonly Page[] {
  let actions = 0;
  return pages.filter((page) => {
    const isWanted = actions < limit;
    actions += page.actions;
    return isWanted;
  });
}

function actionsIn(pages: readonly Page[]): number {
  return pages.reduce((sum, { actions }) => sum + actions, 0);
}

async function* simulateOne(
  { parts }: Control,
  sets: ReplaySets,
  request: SimulateRequest & { readonly action: string },
  since: string,
): AsyncGenerator<SimulationStep> {
  const bounds = { decisions: request.limit, changes: mostChanges, differing: mostDiffering };
  const one = await onlyThis(parts, request.action, request.workflow);
  const page = { first: one.subject, last: one.subject, actions: 1 };
  const { told, windows } = await countAround(parts, sets, one, page);
  const { found, take } = replaying(sets, () => parts.clock.tick())(bounds, told(page));
  take(one);
  yield { progress: { done: 1, all: 1 } };
  yield { report: reportOf(found, since, false, windows) };
}

/** Counts what was in the windows of one action until it was decided for the last time. */
async function countAround(parts: Control["parts"], sets: ReplaySets, one: Opened, page: Page): Promise<Counted> {
  const [first] = decisionsOf(one);
  const last = decisionsOf(one).at(-1);
  if (first === undefined || last === undefined) return { told: () => undefined, actions: 0 };
  const filter = { since: new Date(0).toISOString(), workflow: first.input.principal.workflow };
  const replayer = replayHere(parts, sets, filter);
  try {
    const before = firstIdAt("act", Date.parse(last.input.at) + clocksApartMs);
    const counting = countWindows({ db: parts.db, sets, replayer, filter, pages: [page], before });
    let counted = await counting.next();
    while (counted.done !== true) counted = await counting.next();
    return counted.value;
  } finally {
    await replayer.close();
  }
}

function openReplayer(
  { parts }: Control,
  { apart }: LoadSources,
  sets: ReplaySets,
  filter: ReplayFilter,
  actions: number,
): Replayer {
  const here = replayHere(parts, sets, filter);
  if (apart === undefined || actions < fewActions || isThreaded) return here;
  const threads = openThreads({ order: { apart: apart(), sets, filter }, log: parts.log, instead: here });
  isThreaded = true;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([threads.close(), here.close()]);
    isThreaded = false;
  };
  return { ...threads, close: () => (closing ??= close()) };
}

function reportOf(found: Replayed, since: string, limited: boolean, windows?: CountedWindows): Simulation {
  const { actions, replayed, erased, counts, by, changes, same, otherSet, differing, untold, took } = found;
  return {
    since,
    actions,
    replayed,
    erased,
    limited,
    counts,
    by: [...by.values()].sort((one, other) => other.count - one.count),
    changes,
    reproduced: { same, otherSet, differing },
    untold,
    ...(windows === undefined ? {} : { windows }),
    took,
  };
}

/** One action as a page gives many. */
async function onlyThis({ db, wrap }: Control["parts"], action: string, workflow?: string): Promise<Opened> {
  const { key, entries } = await readSubject(db, action, wrap);
  if (entries.length === 0 || (workflow !== undefined && entries[0]?.entry.workflow !== workflow))
    throw new Problem("not_found", `there is no action \`${action.slice(0, 60)}\` here`);
  return {
    subject: action,
    erased: key === null,
    entries: entries.map(({ entry, payload }) => ({ step: entry.step, payload })),
  };
}
