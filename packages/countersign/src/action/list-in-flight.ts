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

/** A stop waits no longer than this for its list. */
const listMs = 500;

/** What of a stop's scope is on its way on any replica: its intent is on record, and no outcome. */
export async function listInFlight(
  parts: Parts,
  stop: Stop,
  systemsOf: (server: string) => readonly string[],
): Promise<InFlightSeen> {
  const here = [...parts.inFlight].filter(([, one]) => findStop([stop], one, 0) !== undefined);
  const inFlight = here.map(([action, { tool, agent }]) => ({ action, tool, agent }));
  try {
    return { inFlight: [...inFlight, ...(await inTime(listElsewhere(parts, stop, systemsOf)))], isWhole: true };
  } catch (cause) {
    parts.log.warn({ cause: String(cause) }, "a stop could not list what other replicas have on their way");
    return { inFlight, isWhole: false };
  }
}

async function listElsewhere(
  parts: Parts,
  stop: Stop,
  systemsOf: (server: string) => readonly string[],
): Promise<readonly Flying[]> {
  const intents = (await openIntents(parts.db, listMs)).filter(({ action }) => !parts.inFlight.has(action));
  const covered = await Promise.all(
    intents.map(async (one) => {
      const system = stop.scope === "system" ? await systemOf(parts, stop, one, systemsOf) : "";
      return findStop([stop], { ...one, system }, 0) !== undefined;
    }),
  );
  return intents.filter((_, at) => covered[at]).map(({ action, tool, agent }) => ({ action, tool, agent }));
}

/** An intent's entry names its tool. Where that acts in several systems, which one it is stands in the call's record. */
async function systemOf(
  parts: Parts,
  { name }: Stop,
  { action, tool }: Flying,
  systemsOf: (server: string) => readonly string[],
): Promise<string> {
  const systems = systemsOf(tool.slice(0, Math.max(0, tool.indexOf("."))));
  if (!systems.includes(name)) return "";
  if (systems.length === 1) return name;
  return recordsOf(await readSubject(parts.db, action, parts.wrap))[0]?.call?.system ?? name;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Problem("unavailable", "it took too long")), listMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
