import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import { openIntents } from "../ledger/sql.ts";
import { findStop, type Stop } from "../stop/index.ts";
import type { Parts } from "./parts.ts";
import { recordsOf } from "./stored-record.ts";

export interface Flying {
  readonly action: string;
  readonly tool: string;
  readonly agent: string;
}

export interface InFlightSeen {
  readonly inFlight: readonly Flying[];
  /** False where only what this replica has on its way could be listed in time. */
  readonly isWhole: boolean;
}

/** A stop waits no longer than this for its list, where the parts do not say otherwise. */
const usualListMs = 500;
/** So many records are read at once: what the stop itself needs of the database is not kept waiting behind them. */
const readsAtOnce = 4;

/** What of a stop's scope is on its way on any replica: its intent is on record, and no outcome. */
export async function listInFlight(
  parts: Parts,
  stop: Stop,
  systemsOf: (server: string) => readonly string[],
): Promise<InFlightSeen> {
  try {
    const { listMs = usualListMs } = parts;
    const recorded = await inTime((signal) => listRecorded(parts, stop, systemsOf, signal), listMs);
    return { inFlight: addInFlightHere(parts, stop, recorded), isWhole: true };
  } catch (cause) {
    parts.log.warn({ cause: String(cause) }, "a stop could not list what other replicas have on their way");
    return { inFlight: addInFlightHere(parts, stop, []), isWhole: false };
  }
}

/** With what this replica has on its way now, however much of it was listed before. */
export function addInFlightHere(parts: Parts, stop: Stop, listed: readonly Flying[]): readonly Flying[] {
  const known = new Set(listed.map(({ action }) => action));
  const here = [...parts.inFlight].filter(([action, one]) => !known.has(action) && findStop([stop], one, 0));
  return [...listed, ...here.map(([action, { tool, agent }]) => ({ action, tool, agent }))];
}

async function listRecorded(
  parts: Parts,
  stop: Stop,
  systemsOf: (server: string) => readonly string[],
  signal: AbortSignal,
): Promise<readonly Flying[]> {
  const intents = await openIntents(parts.db, parts.listMs ?? usualListMs);
  const covered: Flying[] = [];
  for (let from = 0; from < intents.length; from += readsAtOnce) {
    signal.throwIfAborted();
    const some = intents.slice(from, from + readsAtOnce);
    const systems = await Promise.all(
      some.map((one) => (stop.scope === "system" ? systemOf(parts, stop, one, systemsOf) : "")),
    );
    const under = some.filter((one, at) => findStop([stop], { ...one, system: systems[at] ?? "" }, 0) !== undefined);
    covered.push(...under.map(({ action, tool, agent }) => ({ action, tool, agent })));
  }
  return covered;
}

/** An intent's entry names its tool. Where that acts in several systems, which one it is stands in the call's record. */
async function systemOf(
  parts: Parts,
  { name }: Stop,
  { action, tool }: Flying,
  systemsOf: (server: string) => readonly string[],
): Promise<string> {
  const here = parts.inFlight.get(action);
  if (here !== undefined) return here.system;
  const systems = systemsOf(tool.slice(0, Math.max(0, tool.indexOf("."))));
  if (!systems.includes(name)) return "";
  if (systems.length === 1) return name;
  return recordsOf(await readSubject(parts.db, action, parts.wrap))[0]?.call?.system ?? name;
}

/** What takes longer is told to begin nothing more. */
async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, ms: number): Promise<T> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const problem = new Problem("unavailable", "it took too long");
      over.abort(problem);
      reject(problem);
    }, ms);
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
