import { addInFlightHere, type InFlightSeen, listInFlight } from "../action/index.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { handsOf, type PersonCaller, requireMay } from "../identity/index.ts";
import { insertStop, type Stop, type StopScope } from "../stop/index.ts";
import { nearest } from "../workspace/index.ts";
import { cancelOpen } from "./cancel-open.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { freezeCanaries } from "./freeze-canaries.ts";
import { govern } from "./govern.ts";
import type { LentProcess } from "./lending.ts";
import { freezeOpen, openUnder } from "./sql.ts";
import { voidCanaries } from "./void-canaries.ts";

export interface StopRequest {
  readonly scope: StopScope;
  readonly name: string;
  readonly reason: string;
  readonly untilMs?: number;
  /** Refuse what is held instead of freezing it. */
  readonly voids?: boolean;
}

export interface StopReport {
  readonly stop: Stop;
  /** Ledger subject of this deed: its receipt is the signed report. */
  readonly entry: string;
  readonly frozen: readonly string[];
  readonly voided: readonly string[];
  /**
   * What was on its way, on whichever replica, when the stop was taken; each settles to done, failed or unknown. Also what
   * this replica sent while the stop was being written: its record does not name that.
   */
  readonly inFlight: InFlightSeen["inFlight"];
  /** False where only what this replica had on its way could be listed in time. */
  readonly inFlightIsWhole: boolean;
  /** What this replica had given to processes of upstream servers and takes back: they end. */
  readonly processes: readonly LentProcess[];
  /** From the request to enforcement on this replica, ms. */
  readonly tookMs: number;
}

/** Stops an agent, a workflow, a tool, a system or everything: in force here when this resolves, everywhere within the lease. */
export async function stop(control: Control, person: PersonCaller, request: StopRequest): Promise<StopReport> {
  const started = control.parts.clock.tick();
  requireMay(person, "stop", contextOf(control, request.scope === "workflow" ? { workflow: request.name } : {}));
  if (request.reason.trim() === "") throw new Problem("invalid", "a stop needs a reason", { at: "/reason" });
  checkName(control, request);
  const id = newId("stp", control.parts.clock.now());
  const name = request.scope === "everything" ? "*" : request.name;
  const taken: Stop = {
    id,
    scope: request.scope,
    name,
    reason: request.reason,
    by: person.email,
    vouchedBy: handsOf(person).vouchedBy,
    takenAt: new Date(control.parts.ledger.now()).toISOString(),
    untilMs: request.untilMs ?? null,
  };
  let frozen: readonly string[] = [];
  const { catalog } = control.keeper.loaded();
  const { inFlight: listed, isWhole: inFlightIsWhole } = await listInFlight(control.parts, taken, (server) =>
    catalog.systems(server),
  );
  const processes = control.endedBy?.(taken) ?? [];
  const held = await openUnder(control.parts.db, request.scope, name);
  const deed = newId("gov", control.parts.clock.now());
  const entry = await govern(control, {
    id: deed,
    kind: "stopped",
    person: person.email,
    ...(request.scope === "workflow" ? { workflow: request.name } : {}),
    ...(request.scope === "agent" ? { agent: request.name } : {}),
    payload: { stop: taken, voids: request.voids === true, inFlight: listed, inFlightIsWhole, processes, held },
    change: async (tx) => {
      await insertStop(tx, taken, request.voids === true, deed);
      frozen = await freezeOpen(tx, id, request.scope, name);
    },
  });
  const inFlight = addInFlightHere(control.parts, taken, listed);
  const tookMs = control.parts.clock.tick() - started;
  const voided =
    request.voids === true ? await cancelOpen(control, person, frozen, `voided by a stop: ${request.reason}`) : [];
  if (request.voids === true) await voidCanaries(control, taken);
  await freezeCanaries(control).catch((cause: unknown) =>
    control.parts.log.warn({ cause: String(cause) }, "what is seeded could not be frozen yet; it is tried again"),
  );
  const stillFrozen = frozen.filter((action) => !voided.includes(action));
  return { stop: taken, entry, frozen: stillFrozen, voided, inFlight, inFlightIsWhole, processes, tookMs };
}

function checkName(control: Control, request: StopRequest): void {
  if (request.scope === "everything") return;
  const { workspace, catalog } = control.keeper.loaded();
  const systems = new Set(catalog.servers.flatMap((server) => catalog.systems(server)));
  const names: Record<Exclude<StopScope, "everything">, () => readonly string[]> = {
    agent: () => workspace?.agents.map((agent) => agent.name) ?? [],
    workflow: () => workspace?.workflows.map((workflow) => workflow.name) ?? [],
    system: () => [...systems],
    tool: () => [...catalog.servers, ...catalog.servers.flatMap((server) => catalog.list(server).map(({ id }) => id))],
  };
  const known = names[request.scope]();
  if (known.includes(request.name)) return;
  const meant = nearest(request.name.slice(0, 120), known);
  throw new Problem("not_found", `there is no ${request.scope} \`${request.name.slice(0, 120)}\` to stop`, {
    help: `${meant === undefined ? "" : `did you mean \`${meant}\`? `}stop \`everything\` where in doubt`,
  });
}
