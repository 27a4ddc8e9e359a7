import type { Parts } from "../packages/countersign/src/action/index.ts";
import { type Assembled, assemble } from "../packages/countersign/src/assemble.ts";
import { listReviews } from "../packages/countersign/src/catalog/index.ts";
import { readConfig } from "../packages/countersign/src/config.ts";
import { systemClock } from "../packages/countersign/src/floor/clock.ts";
import { createLog } from "../packages/countersign/src/floor/log.ts";
import { issueFirstKey, proposeTier, reviewTool, signTier } from "../packages/countersign/src/governance/index.ts";
import type { Caller, PersonCaller } from "../packages/countersign/src/identity/caller.ts";
import { createSpent, type Spent } from "./spent.ts";
import { insteadOf, type Switches } from "./switches.ts";
import { agent, server, workflow, writeWorkspace } from "./workspace.ts";

export interface World {
  readonly plane: Assembled;
  readonly caller: Caller;
  /** The agent's key, as the doors take it. */
  readonly key: string;
  readonly spent: Spent;
  close(): Promise<void>;
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
    tally: { moved() {}, took: spent.took },
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
