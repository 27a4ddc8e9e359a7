import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonical, type FlowFacts, type Json, type JsonObject } from "@countersign/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { recordsOf } from "../../packages/countersign/src/action/stored-record.ts";
import { type Assembled, assemble } from "../../packages/countersign/src/assemble.ts";
import { listReviews, review } from "../../packages/countersign/src/catalog/index.ts";
import { readConfig } from "../../packages/countersign/src/config.ts";
import type { Connector } from "../../packages/countersign/src/execution/connector.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import {
  answer,
  openRun,
  proposeTier,
  reviewTool,
  showApproval,
  signTier,
} from "../../packages/countersign/src/governance/index.ts";
import type { Caller, PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { readSubject } from "../../packages/countersign/src/ledger/read.ts";
import { nothing, until } from "../faults/world.ts";
import { openFlowWorld, partsOf, worldFolder } from "../flow/catalog.ts";
import { argsOf, type RecordedStep, readRecording } from "../flow/record.ts";
import { replay, type StepEnd } from "../flow/replay.ts";
import { openReplica, type Replica } from "../flow/replica.ts";
import { ownSet, readSessions, type Session, workflows } from "../flow/session.ts";
import { layOutWorld, serverNames } from "../flow/stage.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";

const taken = [
  "answer a ticket with the team's words",
  "ask at the proven address",
  "write to the address in the ticket",
  "answer urgent tickets at night",
  "mails from a run under its own",
  "sends another customer's goods elsewhere",
  "pays the named amount back twice",
  "writes to somebody else after an approval",
  "writes again to whom a person let it write",
  "hides a stranger in the blind copies",
  "deletes what a plan does not name",
  "sort new leads",
  "changes the payee",
  "shares one account more",
  "bring a named version to production",
  "runs a number that a sentence holds",
  "poisons what agents remember",
  "pushes to another branch",
];

const person = (name: string, roles: PersonCaller["roles"]): PersonCaller => ({
  kind: "person",
  email: `${name.toLowerCase()}@acme.example`,
  name,
  roles,
  groups: ["leads"],
  credential: `test-${name}`,
  method: "cli",
});
const ana = person("Ana", ["dri", "admin", "approver"]);
const bo = person("Bo", ["dri", "admin", "operator", "approver"]);

let base: TestDatabase;
let folder: string;
let plane: Assembled;
let replica: Replica;
let now: { readonly tool: string; readonly args: JsonObject; readonly step: RecordedStep } | undefined;

/** Answers what was recorded: to the step's own call its result, to the read before it what was there. */
const connector: Connector = {
  async call({ params }) {
    if (now === undefined) throw new Error("nothing is expected to be called");
    const isStep = params.name === now.tool && canonical(params.arguments ?? {}) === canonical(now.args);
    const result = isStep ? now.step.result : now.step.before;
    return result === undefined
      ? { kind: "never_sent", reason: "it was not recorded" }
      : { kind: "answered", result: here(result) };
  },
};

/** What is recorded stands in another folder. */
const here = (value: Json): JsonObject =>
  JSON.parse(JSON.stringify(value).replaceAll(worldFolder, folder)) as JsonObject;

beforeAll(async () => {
  base = await openTestDatabase();
  folder = realpathSync(mkdtempSync(join(tmpdir(), "countersign-flow-hall-")));
  layOutWorld(folder);
  const flow = join(import.meta.dirname, "../flow");
  cpSync(join(flow, "workspace"), join(folder, "workspace"), { recursive: true });
  for (const file of readdirSync(join(folder, "workspace", "tools"))) {
    const path = join(folder, "workspace", "tools", file);
    const text = readFileSync(path, "utf8");
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text that stands in files
    const own = text.replaceAll("${workspace}/../servers", join(flow, "servers"));
    writeFileSync(path, own.replace("command: node,", `command: ${JSON.stringify(process.execPath)},`));
  }
  const config = readConfig({
    COUNTERSIGN_DATA: join(folder, "data"),
    COUNTERSIGN_WORKSPACE: join(folder, "workspace"),
    COUNTERSIGN_DRAIN_SECONDS: "5",
    DATABASE_URL: base.url,
    DATABASE_ADMIN_URL: urlOf(base.ownerAt),
    PATH: process.env.PATH ?? "",
    HOME: folder,
  });
  plane = await assemble({ config, clock: systemClock, log: silent, tally: nothing, instead: { connector } });
  await reviewAll();
  for (const workflow of workflows) {
    const tier = workflow === "devops" ? 3 : 2;
    const asked = { agent: ownSet.agents[workflow] ?? "", workflow, tier, days: 7, reason: "to be tried" } as const;
    const { id } = await proposeTier(plane.control, ana, asked);
    await signTier(plane.control, bo, id);
  }
  replica = await openReplica(await openFlowWorld());
}, 240_000);
afterAll(async () => {
  await plane?.close();
  await base?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every tool that waits, in one transaction: each by itself would have all rules compiled again. */
async function reviewAll(): Promise<void> {
  // A server that was too slow to start is asked again, as the product does by itself.
  for (const server of serverNames) {
    const listed = async () => {
      if (plane.upstreams.definitions().has(server)) return true;
      await plane.upstreams.observe(new Set([server]));
      return false;
    };
    await until(`the tools of ${server}`, listed, 100_000);
  }
  const waiting = await Promise.all(serverNames.map(async (server) => listReviews(plane.db, server)));
  const all = waiting.flat().map(({ server, tool, digest }) => ({ server, tool, digest, answer: "approve" as const }));
  const last = all.pop();
  if (last === undefined) throw new Error("no tool waits for a review");
  await plane.db.transaction(async (tx) => {
    for (const one of all) await review(tx, systemClock, { ...one, by: ana.email });
  });
  await reviewTool(plane.control, ana, last);
}

interface Seen {
  readonly call: string;
  readonly end: StepEnd;
  readonly flow: FlowFacts | undefined;
  readonly reversal: string;
}

/** Takes a session through the hall itself, with its ledger and its people. */
async function inHall(session: Session, recorded: readonly RecordedStep[]): Promise<readonly Seen[]> {
  const { workflow } = session;
  const agent = ownSet.agents[workflow] ?? "";
  const known = plane.control.keeper.current().caller(agent, workflow);
  if (known === undefined) throw new Error(`${agent} is not in force`);
  const caller: Caller = { kind: "agent", agent, workflow, credential: `key_${agent}`, ...known };
  const { task, parameters, plan } = session.run ?? {};
  const run =
    session.run === undefined
      ? undefined
      : await openRun(plane.control, bo, {
          agent,
          ...(task === undefined ? {} : { task: here(task) as unknown as string }),
          ...(parameters === undefined ? {} : { parameters: parameters as JsonObject }),
          ...(plan === undefined
            ? {}
            : { plan: plan.map(({ tool, target }) => (target === undefined ? { tool } : { tool, target })) }),
        });
  const answers: { [name: string]: Json } = {};
  const seen: Seen[] = [];
  for (const [at, step] of session.steps.entries()) {
    const [server, tool] = partsOf(step.call);
    const args = here(argsOf(step, answers));
    const known = recorded[at];
    if (known === undefined) throw new Error(`${session.name} is not recorded`);
    now = { tool, args, step: known };
    const child =
      step.run === undefined
        ? undefined
        : await openRun(plane.control, caller, {
            agent,
            task: JSON.stringify(args),
            ...(run === undefined ? {} : { parent: run.id }),
          });
    const of = child ?? run;
    const submission = {
      server,
      tool,
      method: "tools/call",
      params: { name: tool, arguments: args },
      args,
      door: "mcp" as const,
      ...(of === undefined ? {} : { run: of.id }),
    };
    const { view } = await plane.hall.submit(caller, submission, { waitMs: 0 });
    const isHeld = view.state === "held";
    if (isHeld) {
      await sayTo(view.id, step.isAttack ? "deny" : "approve");
      const ended = await plane.hall.wait(caller, view.id, 60_000);
      expect(ended.state, `${session.name}: ${step.call}`).toBe(step.isAttack ? "refused" : "done");
      plane.hall.delivered(ended);
    } else plane.hall.delivered(view);
    if (step.as !== undefined) answers[step.as] = here(known.result);
    const { facts } = await inputOf(view.id);
    const end = isHeld ? "gated" : view.state === "done" ? "allowed" : "denied";
    seen.push({ call: step.call, end, flow: facts.flow, reversal: facts.reversal });
  }
  return seen;
}

async function sayTo(action: string, verdict: "approve" | "deny"): Promise<void> {
  const { callDigest, shownDigest = "" } = await showApproval(plane.control, ana, action);
  await answer(plane.control, ana, { action, verdict, callDigest, shownDigest, reason: "looked at it" });
}

async function inputOf(action: string) {
  const subject = await readSubject(plane.db, action, plane.control.parts.wrap);
  const decided = recordsOf(subject).find((record) => record?.input !== undefined)?.input;
  if (decided === undefined) throw new Error(`no decision about ${action} is in the ledger`);
  return decided;
}

/** Without the ids of actions, which differ. */
const plain = ({ call, end, flow, reversal }: Seen): object => ({
  call,
  end,
  reversal,
  flow: { ...flow, sources: flow?.sources?.map(({ tool }) => tool) },
});

for (const name of taken)
  it(`MT-156 the hall decides as the replay of recorded sessions does: ${name}`, async () => {
    const session = readSessions().find((one) => one.name === name);
    if (session === undefined) throw new Error(`there is no session \`${name}\``);
    const recorded = readRecording(session.workflow)[name] ?? [];
    const { steps } = await replay(replica, session, recorded);
    expect((await inHall(session, recorded)).map(plain)).toEqual(steps.map(plain));
  });
