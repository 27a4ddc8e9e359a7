import type { Parts, Plane, Tally } from "../packages/countersign/src/action/index.ts";
import { type Assembled, assemble } from "../packages/countersign/src/assemble.ts";
import { listReviews } from "../packages/countersign/src/catalog/index.ts";
import { readConfig } from "../packages/countersign/src/config.ts";
import { systemClock } from "../packages/countersign/src/floor/clock.ts";
import { createLog } from "../packages/countersign/src/floor/log.ts";
import {
  issueFirstKey,
  type PlaneKeeper,
  proposeTier,
  reviewTool,
  signTier,
} from "../packages/countersign/src/governance/index.ts";
import type { Caller, PersonCaller } from "../packages/countersign/src/identity/caller.ts";
import { agent, server, workflow, writeWorkspace } from "./workspace.ts";

/** Which parts of the product the bench leaves out. */
export interface Switches {
  readonly decide: "wasm" | "stub";
  readonly checks: boolean;
}

export interface World {
  readonly plane: Assembled;
  readonly caller: Caller;
  /** The agent's key, as the doors take it. */
  readonly key: string;
  /** Milliseconds that the hall says it spent, per part, since the last `take`. */
  readonly spent: Spent;
  close(): Promise<void>;
}

/** Counts what the hall tells of its parts. */
export interface Spent {
  readonly tally: Tally;
  take(): { readonly [part: string]: { readonly ms: number; readonly times: number } };
}

export function createSpent(): Spent {
  let parts: Record<string, { ms: number; times: number }> = {};
  return {
    tally: {
      moved() {},
      took(part, ms) {
        const row = (parts[part] ??= { ms: 0, times: 0 });
        row.ms += ms;
        row.times += 1;
      },
    },
    take() {
      const taken = parts;
      parts = {};
      return taken;
    },
  };
}

export const people = ["ana", "bo"].map(
  (name): PersonCaller => ({
    kind: "person",
    email: `${name}@acme.example`,
    name,
    roles: name === "ana" ? ["dri", "admin", "approver"] : ["admin", "operator", "approver"],
    groups: ["editors"],
    credential: `bench-${name}`,
    method: "cli",
  }),
);

/** What `instead` of `assemble` takes for these switches. */
export function insteadOf(switches: Switches): {
  wrapPlane?: (keeper: PlaneKeeper) => PlaneKeeper;
  checking?: Parts["checking"];
} {
  return {
    ...(switches.decide === "stub" ? { wrapPlane: stubDecisions } : {}),
    ...(switches.checks
      ? {}
      : { checking: { run: async () => [], redact: (value) => ({ value, count: 0, rules: [] }) } }),
  };
}

function stubDecisions(keeper: PlaneKeeper): PlaneKeeper {
  const stubbed = new WeakMap<Plane, Plane>();
  const stub = (plane: Plane): Plane => {
    const known = stubbed.get(plane);
    if (known !== undefined) return known;
    const made: Plane = {
      ...plane,
      decide: () => ({
        v: 1,
        effect: "allow",
        determining: [],
        requirements: [],
        obligations: [],
        errors: [],
        policySet: { revision: plane.revision, digest: "stubbed" },
        inputDigest: "stubbed",
        nearMiss: [],
        sentence: "allowed: decisions are stubbed by the bench",
        micros: 0,
      }),
    };
    stubbed.set(plane, made);
    return made;
  };
  return { ...keeper, current: () => stub(keeper.current()) };
}

export interface WorldOptions extends Switches {
  readonly folder: string;
  readonly upstream: string;
  readonly connector?: Parts["connector"];
  readonly log?: "silent" | "warn" | "error";
}

/** The plane without doors, with its tools reviewed and its agent at tier 2. */
export async function openWorld(options: WorldOptions): Promise<World> {
  writeWorkspace(`${options.folder}/workspace`, options.upstream);
  const config = readConfig({
    COUNTERSIGN_DATA: `${options.folder}/data`,
    COUNTERSIGN_WORKSPACE: `${options.folder}/workspace`,
    PATH: process.env.PATH,
  });
  const spent = createSpent();
  const plane = await assemble({
    config,
    clock: systemClock,
    log: createLog(options.log ?? "warn"),
    tally: spent.tally,
    instead: { ...insteadOf(options), ...(options.connector === undefined ? {} : { connector: options.connector }) },
  });
  const key = await prepare(plane);
  const known = plane.control.keeper.current().caller(agent, workflow);
  if (known === undefined) throw new Error("the bench's agent is not in force");
  const caller: Caller = { kind: "agent", agent, workflow, credential: "key_bench", environment: "sandbox", ...known };
  return { plane, caller, key, spent, close: () => plane.close() };
}

/** Reviews the upstream's tools, signs the tier and issues a key. */
export async function prepare(plane: Assembled): Promise<string> {
  const { control } = plane;
  const [ana, bo] = people;
  if (ana === undefined || bo === undefined) throw new Error("the bench has two people");
  for (const open of await listReviews(plane.db, server)) {
    await reviewTool(control, ana, { server, tool: open.tool, digest: open.digest, answer: "approve" });
  }
  const loaded = control.keeper.loaded();
  if (!loaded.waivers.some((waiver) => waiver.tier === 2)) {
    const { id } = await proposeTier(control, ana, { agent, workflow, tier: 2, days: 7, reason: "to be measured" });
    await signTier(control, bo, id);
  }
  const shown = await issueFirstKey(control, { agent, environment: "sandbox" });
  return shown.shownOnce.reveal();
}
