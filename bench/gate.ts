import { readConfig } from "../packages/countersign/src/config.ts";
import { systemClock } from "../packages/countersign/src/floor/clock.ts";
import { createLog } from "../packages/countersign/src/floor/log.ts";
import { answer, invite, showApproval, simulatePolicies } from "../packages/countersign/src/governance/index.ts";
import { issuePersonToken } from "../packages/countersign/src/identity/index.ts";
import { serve } from "../packages/countersign/src/serve.ts";
import { read } from "../packages/countersign/src/workspace/index.ts";
import { serveParent } from "./child.ts";
import { fill, someActions, somePasted } from "./fill.ts";
import { createSpent } from "./spent.ts";
import { insteadOf, type Switches } from "./switches.ts";
import { server, writeWorkspace } from "./workspace.ts";
import { people, prepare } from "./world.ts";

/** The product as a process of its own, less what the switches leave out. */
export interface GateOptions extends Switches {
  readonly folder: string;
  readonly upstream: string;
}

export interface GateReady {
  readonly url: string;
  readonly origin: string;
  readonly key: string;
  /** A person's key, for what agents may not read. */
  readonly person: string;
}

const options = JSON.parse(process.argv[2] ?? "{}") as GateOptions;
writeWorkspace(`${options.folder}/workspace`, options.upstream);
const config = readConfig({
  COUNTERSIGN_DATA: `${options.folder}/data`,
  COUNTERSIGN_WORKSPACE: `${options.folder}/workspace`,
  COUNTERSIGN_PORT: "0",
  PATH: process.env.PATH,
});
const running = await serve({ config, clock: systemClock, log: createLog("error"), instead: insteadOf(options) });
const { assembled, control } = running;
const key = await prepare(assembled);
const spent = createSpent();
control.parts.tally.took = spent.took;
const token = await assembled.db.transaction((tx) =>
  issuePersonToken(tx, systemClock, { person: "ana@acme.example", by: "bench" }),
);
await control.keeper.refresh();

const draftPolicy = `@id("draft") @title("no note is read any more")
forbid (principal, action == Action::"${server}.read_note", resource)
when { context.args has path };`;

export interface Simulated {
  readonly seconds: number;
  readonly compileMs: number;
  readonly replayed: number;
  readonly denied: number;
  readonly same: number;
  readonly took: { readonly readMs: number; readonly reproduceMs: number; readonly evaluateMs: number };
}

serveParent(
  { url: `${running.url}/mcp/${server}`, origin: running.url, key, person: token.shownOnce.reveal() },
  {
    spent: () => spent.take(),
    /** Fills the store with finished actions; resolves when they are in the signed log. */
    fill: (count: number) => fill(assembled, count),
    /** Copies that say nothing else than the action did: what was decided follows from what is stored. */
    repeat: (count: number) => fill(assembled, count, (payload) => payload),
    some: (count: number) => someActions(assembled, count),
    pasted: (count: number) => somePasted(assembled, count),
    /** Approves a held action as a person does, and tells when. */
    approve: async (action: string) => {
      const [, bo] = people;
      if (bo === undefined) throw new Error("the bench has two people");
      const { callDigest, shownDigest = "" } = await showApproval(control, bo, action);
      const at = performance.timeOrigin + performance.now();
      await answer(control, bo, { action, verdict: "approve", callDigest, shownDigest, reason: "measured" });
      return at;
    },
    /** Replays stored decisions against a draft with one more policy, as `policy simulate` does. */
    simulate: async (limit: number): Promise<Simulated> => {
      const [ana] = people;
      if (ana === undefined) throw new Error("the bench has two people");
      const { files } = await read(`${options.folder}/workspace`);
      const draft = { ...files, "policies/draft.cedar": draftPolicy };
      const began = performance.now();
      const steps = await simulatePolicies(control, assembled.sources, ana, {
        files: draft,
        sinceMs: 86_400_000,
        limit,
      });
      const compileMs = performance.now() - began;
      for await (const step of steps) {
        if (!("report" in step)) continue;
        const { replayed, counts, reproduced, took } = step.report;
        const seconds = (performance.now() - began) / 1000;
        return { seconds, compileMs, replayed, denied: counts.denied, same: reproduced.same, took };
      }
      throw new Error("the simulation ended without a report");
    },
    /** A one-time login link of a person, for a browser. */
    link: async () => (await invite(control, "countersign", "ana@acme.example")).shownOnce.reveal(),
    close: () => running.close(),
  },
);
