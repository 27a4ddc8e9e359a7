import type { State } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { may, type PersonCaller } from "../identity/index.ts";
import { readSubject } from "../ledger/read.ts";
import { deedOfStop, readStopRow, type Stop } from "../stop/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import type { LentProcess } from "./lending.ts";
import { frozenBy } from "./sql.ts";

export interface Ended {
  readonly action: string;
  readonly tool: string;
  readonly agent: string;
  readonly state: State;
  readonly sentence: string;
}

export interface ShownStop {
  readonly stop: Stop & {
    readonly liftedAt: string | null;
    readonly liftedBy: readonly string[];
    readonly voids: boolean;
  };
  readonly inForce: boolean;
  readonly receipt: string | null;
  /** Why the asking person may not lift it; null where they may. */
  readonly notYours: string | null;
  /** Whether they may only because their organisation is one person. */
  readonly alone: boolean;
  readonly held: readonly (Ended & { readonly frozen: boolean })[];
  readonly inFlight: readonly Ended[];
  /** False where only what one replica had on its way is listed. */
  readonly inFlightIsWhole: boolean;
  /** Those that it ended, on the replica where it was taken. */
  readonly processes: readonly LentProcess[];
  readonly isWhole: boolean;
}

interface StoppedRecord {
  readonly held?: readonly string[];
  readonly inFlight?: readonly { readonly action: string }[];
  /** Absent where only the replica that took it was asked what was on its way. */
  readonly inFlightIsWhole?: boolean;
  readonly processes?: readonly LentProcess[];
}

const mostShown = 500;

/** A stop as its record has it, with how everything that it met stands now. */
export async function readStop(control: Control, person: PersonCaller, id: string): Promise<ShownStop> {
  const { db, wrap, ledger } = control.parts;
  const stop = await readStopRow(db, id);
  if (stop === undefined) throw new Problem("not_found", `there is no stop \`${id.slice(0, 60)}\``);
  const deed = await deedOfStop(db, id);
  const first = deed === undefined ? undefined : (await readSubject(db, deed, wrap)).entries[0];
  const record = (first?.payload ?? {}) as StoppedRecord;
  const frozen = await frozenBy(db, id);
  const held = [...new Set([...(record.held ?? []), ...frozen])];
  const about = stop.scope === "workflow" ? { workflow: stop.name } : {};
  const asked = contextOf(control, { ...about, first: { person: stop.by, vouchedBy: stop.vouchedBy } });
  const permission = may(person, "lift", asked);
  const end = (action: string): Promise<Ended> => endOf(control, person, action);
  const shownHeld = await Promise.all(held.slice(0, mostShown).map(end));
  return {
    stop,
    inForce: stop.liftedAt === null && (stop.untilMs === null || ledger.now() < stop.untilMs),
    receipt: deed === undefined ? null : `/v1/receipts/${deed}`,
    notYours: permission.allowed ? null : permission.because,
    alone: permission.allowed && permission.singlePerson,
    held: shownHeld.map((one) => ({ ...one, frozen: frozen.has(one.action) })),
    inFlight: await Promise.all((record.inFlight ?? []).slice(0, mostShown).map(({ action }) => end(action))),
    inFlightIsWhole: record.inFlightIsWhole === true && (record.inFlight ?? []).length <= mostShown,
    processes: record.processes ?? [],
    isWhole: record.held !== undefined && held.length <= mostShown,
  };
}

async function endOf(control: Control, person: PersonCaller, action: string): Promise<Ended> {
  const { server, tool, agent, state, sentence } = await control.hall.get(person, action);
  return { action, tool: `${server}.${tool}`, agent, state, sentence };
}
