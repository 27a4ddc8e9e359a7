import { approvedLately, type GivenRow, givenWithin } from "../action/answer-sql.ts";
import { roomOf } from "../action/index.ts";
import { endedCanaries } from "../approvals/canary-sql.ts";
import {
  type Forecast,
  forecastOf,
  type Quantiles,
  quantiles,
  queueOf,
  type Signal,
  type Stay,
  signalsOf,
  waitingOver,
} from "../approvals/index.ts";
import { type AskedRow, askedWithin } from "../approvals/queue-sql.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";

const windowMs = 86_400_000;
const hourMs = 3_600_000;
const hours = windowMs / hourMs;
const mostAsked = 10_000;
const mostGiven = 10_000;

interface QueueLoad {
  readonly workflow: string;
  readonly from: string;
  readonly people: number;
  readonly open: number;
  readonly oldestMs: number | null;
  readonly arrived: number;
  readonly ended: number;
  readonly waitMs: Quantiles | null;
  readonly meanWaiting: number;
  /** The same of each hour of the window, the oldest first. */
  readonly waiting: readonly number[];
  readonly forecast: Forecast;
}

interface ApproverLoad {
  readonly person: string;
  readonly open: number;
  readonly answered: number;
  /** Of each hour of the window, the oldest first. */
  readonly answers: readonly number[];
  readonly answeredPerHour: number;
  readonly approvedShare: number | null;
  readonly decideMs: Quantiles | null;
  readonly dwellMs: Quantiles | null;
  readonly budget?: { readonly perHour: number; readonly used: number; readonly freeAt: string | null };
  readonly forecast: Forecast;
  readonly signals: readonly Signal[];
}

export interface Load {
  readonly windowMs: number;
  readonly queues: readonly QueueLoad[];
  readonly approvers: readonly ApproverLoad[];
}

/** What waits for people and how they answer, over the last day. Of others only whoever may read what is private hears. */
export async function measureLoad(control: Control, person: PersonCaller): Promise<Load> {
  const { parts } = control;
  const plane = parts.plane.current();
  const seesAll = may(person, "read-private", contextOf(control, {})).allowed;
  const [asked, given] = await Promise.all([
    askedWithin(parts.db, windowMs, mostAsked),
    givenWithin(parts.db, windowMs, null, mostGiven),
  ]);
  // What was just asked lies at the end of the window, and not behind it, however the clocks differ.
  const toMs = Math.max(parts.ledger.now(), ...asked.slice(0, 1).map(({ asked_ms }) => asked_ms + 1));
  const perHour = plane.answering?.perHour;
  const byPerson = Map.groupBy(given, (one) => one.person);
  const capacityOf = (one: string): number | undefined => perHour ?? busiestHour(byPerson.get(one) ?? []);
  const queues = queuesOf(asked, toMs, (from, workflow) => plane.asked(from, workflow), capacityOf);
  const shares = sharesOf(asked, (from, workflow) => plane.asked(from, workflow));
  const everybody = [...new Set([...shares.keys(), ...byPerson.keys(), person.email])].sort();
  const people = seesAll ? everybody : [person.email];
  const approvers = await Promise.all(
    people.map(async (one): Promise<ApproverLoad> => {
      const own = byPerson.get(one) ?? [];
      const share = shares.get(one) ?? { open: 0, arrivals: 0 };
      const approved = own.filter(({ verdict }) => verdict === "approve").length;
      const seeded = one === person.email ? await seededFor(control, one) : [];
      return {
        person: one,
        open: share.open,
        answered: own.length,
        answers: byHour(own, toMs),
        answeredPerHour: (own.length * hourMs) / windowMs,
        approvedShare: own.length === 0 ? null : approved / own.length,
        decideMs: quantiles(own.flatMap((each) => waited(each))),
        dwellMs: quantiles(own.flatMap((each) => lookedMs(each) ?? [])),
        ...(perHour === undefined
          ? {}
          : { budget: { perHour, ...roomOf(await approvedLately(parts.db, one), perHour) } }),
        forecast: forecastOf((share.arrivals * hourMs) / windowMs, capacityOf(one) ?? null, 1),
        signals: signalsOf(
          own.map((each) => ({ verdict: each.verdict, lookedMs: lookedMs(each), size: each.size })),
          seeded,
        ),
      };
    }),
  );
  return { windowMs, queues, approvers };
}

/** Oldest first. INVARIANT: only the person themself hears of these. */
async function seededFor({ parts }: Control, person: string): Promise<readonly { readonly caught: boolean }[]> {
  const ended = await endedCanaries(parts.db, person, 50);
  return ended
    .filter(({ verdict }) => verdict !== null)
    .map(({ verdict }) => ({ caught: verdict === "deny" }))
    .reverse();
}

function waited({ asked_ms, at_ms }: GivenRow): readonly number[] {
  return asked_ms === null ? [] : [Math.max(0, at_ms - asked_ms)];
}

/** As the client says, and no longer than it was there; where no client said, that. */
function lookedMs({ dwell_ms, shown_ms }: GivenRow): number | null {
  return dwell_ms ?? shown_ms;
}

/** The most that somebody answered within any hour: what they are known to manage. */
function busiestHour(given: readonly GivenRow[]): number | undefined {
  const times = given.map(({ at_ms }) => at_ms);
  let most = 0;
  let first = 0;
  for (const [index, at] of times.entries()) {
    while (at - (times[first] ?? 0) > hourMs) first++;
    most = Math.max(most, index - first + 1);
  }
  return most === 0 ? undefined : most;
}

/** What is at an edge by the database's clock counts there. */
function byHour(given: readonly GivenRow[], toMs: number): readonly number[] {
  const counts = Array.from({ length: hours }, () => 0);
  for (const { at_ms } of given) {
    const hour = Math.min(hours - 1, Math.max(0, Math.floor((at_ms - toMs + windowMs) / hourMs)));
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  return counts;
}

type Asked = (from: string, workflow: string) => readonly string[];

function queuesOf(
  rows: readonly AskedRow[],
  toMs: number,
  asked: Asked,
  capacityOf: (person: string) => number | undefined,
): readonly QueueLoad[] {
  const stays = new Map<string, { readonly workflow: string; readonly from: string; readonly stays: Stay[] }>();
  for (const row of rows) {
    const stay = stayOf(row);
    for (const from of row.asked_from) {
      const key = JSON.stringify([row.workflow, from]);
      const known = stays.get(key) ?? { workflow: row.workflow, from, stays: [] };
      known.stays.push(stay);
      stays.set(key, known);
    }
  }
  return [...stays.values()].map(({ workflow, from, stays: own }) => {
    const { arrivalsPerHour, meanWaitMs: _, ...queue } = queueOf(own, toMs - windowMs, toMs);
    const people = asked(from, workflow);
    const able = people.flatMap((one) => capacityOf(one) ?? []);
    const service = able.length === 0 ? null : able.reduce((sum, one) => sum + one, 0);
    return {
      workflow,
      from,
      people: people.length,
      ...queue,
      waiting: waitingOver(own, toMs - windowMs, toMs, hours),
      forecast: forecastOf(arrivalsPerHour, service, able.length),
    };
  });
}

/** What is open for each person, and their part of what came: one for each request, shared by whom it asks. */
function sharesOf(
  rows: readonly AskedRow[],
  asked: Asked,
): ReadonlyMap<string, { readonly open: number; readonly arrivals: number }> {
  const shares = new Map<string, { open: number; arrivals: number }>();
  const known = new Map<string, ReadonlySet<string>>();
  for (const row of rows) {
    const key = JSON.stringify([row.workflow, row.asked_from]);
    const people = known.get(key) ?? new Set(row.asked_from.flatMap((from) => asked(from, row.workflow)));
    known.set(key, people);
    for (const person of people) {
      const share = shares.get(person) ?? { open: 0, arrivals: 0 };
      share.open += row.ended_ms === null ? 1 : 0;
      share.arrivals += 1 / people.size;
      shares.set(person, share);
    }
  }
  return shares;
}

function stayOf({ asked_ms: askedMs, ended_ms }: AskedRow): Stay {
  return ended_ms === null ? { askedMs } : { askedMs, endedMs: ended_ms };
}
