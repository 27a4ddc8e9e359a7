import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakePdp, openFakePdp } from "../support/fake-pdp.ts";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let scribe: string;
let other: TestPlane;
let otherScribe: string;
let relay: FakePdp;
const relayed: Record<string, string>[] = [];

/** Passes questions on to the plane's own door, as a decision point does that asks others. */
function passOn(headersOf: (depth: string) => Record<string, string>) {
  return openFakePdp((path, body, response) => {
    const depth = String(relay.asked.at(-1)?.headers["countersign-depth"]);
    const headers = headersOf(depth);
    relayed.push(headers);
    void fetch(`${other.url}${path}`, { method: "POST", body, headers }).then(async (answered) =>
      response.writeHead(answered.status, { "content-type": "application/json" }).end(await answered.text()),
    );
  });
}

beforeAll(async () => {
  plane = await openTestPlane();
  scribe = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  relay = await passOn((depth) => ({
    authorization: `Bearer ${otherScribe}`,
    "content-type": "application/json",
    ...(tells ? { "countersign-depth": depth } : {}),
  }));
  const shared = { workflows: ["docs-upkeep"], kind: "authzen" };
  const vetoes = [
    {
      ...shared,
      name: "sister",
      url: plane.url,
      credential: "sister/key",
      tools: ["files.read_text_file", "memory.read_graph"],
      timeoutMs: 10_000,
    },
    { ...shared, name: "circle", url: relay.url, tools: ["files.list_directory"], timeoutMs: 10_000 },
  ];
  other = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\nvetoes: ${JSON.stringify(vetoes)}\n` },
  });
  otherScribe = await other.agent("scribe");
  const body = { name: "sister/key", value: scribe };
  expect((await other.call("PUT", "/v1/secrets", { key: await other.person(bo), body })).status).toBe(201);
});
let tells = true;
afterAll(async () => {
  await Promise.all([plane?.close(), other?.close(), relay?.close()]);
});

const page = (name = "welcome.md", of = plane) => join(of.folder, "sandbox/pages", name);
const question = (tool: string, args: object, agent = "scribe") => ({
  subject: { type: "agent", id: agent },
  action: { name: "tools/call" },
  resource: { type: "tool", id: tool },
  context: { arguments: args },
});
const reading = () => question("files.read_text_file", { path: page() });
const writing = () => question("files.write_file", { path: page(), content: "x" });
const moving = () => question("files.move_file", { source: page(), destination: page("b.md") });

const evaluate = async (body: object, key = scribe, headers: Record<string, string> = {}) =>
  plane.call("POST", "/access/v1/evaluation", { key, body, headers });
const evaluateAll = async (body: object, key = scribe) => plane.call("POST", "/access/v1/evaluations", { key, body });

describe("the AuthZEN door", () => {
  it("says where it answers, to anyone", async () => {
    const { status, json } = await plane.call("GET", "/.well-known/authzen-configuration");
    expect(status).toBe(200);
    expect(json.access_evaluation_endpoint).toBe(`${json.policy_decision_point}/access/v1/evaluation`);
  });

  it("permits what would be allowed, and does nothing", async () => {
    const { status, json, headers } = await evaluate(reading(), scribe, { "x-request-id": "r-17" });
    expect(status).toBe(200);
    expect(json).toMatchObject({ decision: true, context: { reason: "permitted" } });
    expect(headers.get("x-request-id")).toBe("r-17");
    const receipt = (await plane.call("GET", json.context.receipt, { key: await plane.person(bo) })).json;
    expect(receipt).toMatchObject({ advisory: true, policy: { effect: "allow" } });
    expect(receipt.what.attempts).toBe(0);
    const { actions } = (await plane.call("GET", "/v1/actions", { key: scribe })).json;
    expect(actions).toEqual([]);
  });

  it("denies what is refused, and what is held with a way to ask for it; nobody is asked by asking", async () => {
    expect((await evaluate(moving())).json).toMatchObject({ decision: false, context: { reason: "denied" } });
    const { json } = await evaluate(writing());
    expect(json).toMatchObject({ decision: false, context: { reason: "approval_required" } });
    const { access_request: request, evaluated_at: at, evaluation_id: id, requirements } = json.context;
    expect(request.endpoint).toMatch(/\/v1\/actions$/);
    expect(Date.parse(request.expires_at)).toBeGreaterThan(Date.parse(at));
    expect(id).toMatch(/^dec_/);
    expect(requirements).toMatchObject([{ kind: "approval", from: "editors" }]);
    expect((await evaluate(moving())).json.context.access_request).toBeUndefined();
    const waiting = (await plane.call("GET", "/v1/approvals", { key: await plane.person(ana) })).json;
    expect(JSON.stringify(waiting)).not.toContain(id);
  });

  it("knows an unknown agent, tool or action as a denial, and refuses what is no question", async () => {
    const auditor = await plane.person(cy);
    expect((await evaluate(question("files.read_text_file", {}, "nobody"), auditor)).json.context.reason).toBe(
      "unknown_subject",
    );
    expect((await evaluate(question("files.nothing", {}))).json.context.reason).toBe("unknown_resource");
    expect((await evaluate({ ...reading(), action: { name: "delete" } })).json.context.reason).toBe("unknown_action");
    const { subject: _, ...rest } = reading();
    expect((await evaluate(rest)).status).toBe(400);
    expect((await evaluate({ ...reading(), context: { arguments: [] } })).status).toBe(400);
    expect((await evaluate(question("files.read_text_file", { path: 7 }))).json).toMatchObject({ decision: false });
    expect((await plane.call("POST", "/access/v1/evaluation", { body: reading() })).status).toBe(401);
  });

  it("answers an agent about itself only, and a person about whom they answer for", async () => {
    expect((await evaluate(question("files.read_text_file", { path: page() }, "coder"))).status).toBe(403);
    expect((await evaluate(question("files.read_text_file", { path: page() }, "nobody"))).status).toBe(403);
    for (const who of [ana, bo, cy]) {
      const { json } = await evaluate(reading(), await plane.person(who));
      expect(json.decision).toBe(true);
      const receipt = (await plane.call("GET", json.context.receipt, { key: await plane.person(bo) })).json;
      expect(receipt.what).toMatchObject({ agent: "scribe", moves: [{ person: who }] });
    }
  });

  it("answers several, by each of the three semantics", async () => {
    const evaluations = [reading(), moving(), writing(), reading()].map(({ resource, context }) => ({
      resource,
      context,
    }));
    const { subject, action } = reading();
    const decisions = async (options: object) =>
      (await evaluateAll({ subject, action, evaluations, ...options })).json.evaluations.map(
        ({ decision }: { decision: boolean }) => decision,
      );
    expect(await decisions({})).toEqual([true, false, false, true]);
    const semantic = (name: string) => ({ options: { evaluations_semantic: name } });
    expect(await decisions(semantic("execute_all"))).toEqual([true, false, false, true]);
    expect(await decisions(semantic("deny_on_first_deny"))).toEqual([true, false]);
    expect(await decisions(semantic("permit_on_first_permit"))).toEqual([true]);
    expect((await evaluateAll({ subject, action, evaluations, ...semantic("best_effort") })).status).toBe(400);
  });

  it("answers several where one is wrong, one where there are none, and at most a hundred", async () => {
    const { subject, ...rest } = reading();
    const mixed = (
      await evaluateAll({ subject, evaluations: [rest, {}, { ...rest, subject: { type: "agent", id: "coder" } }] })
    ).json;
    expect(mixed.evaluations).toMatchObject([
      { decision: true },
      { decision: false, context: { error: { status: 400 } } },
      { decision: false, context: { error: { status: 403 } } },
    ]);
    expect((await evaluateAll(reading())).json).toMatchObject({ decision: true });
    expect((await evaluateAll({ ...reading(), evaluations: [] })).json).toMatchObject({ decision: true });
    const many = Array.from({ length: 101 }, () => ({}));
    expect((await evaluateAll({ ...reading(), evaluations: many })).status).toBe(400);
  });

  it("answers one credential only so much", async () => {
    const key = await plane.agent("coder");
    const evaluations = Array.from({ length: 100 }, () => ({ action: { name: "none" } }));
    const body = { ...reading(), subject: { type: "agent", id: "coder" }, evaluations };
    // Asked at once: what one may ask comes back with time.
    const all = await Promise.all([1, 2, 3].map(() => evaluateAll(body, key)));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 200, 429]);
    expect((await evaluate(reading())).status).toBe(200);
  });
});

describe("one Countersign that asks another by AuthZEN", () => {
  const use = async (tool: string, args: object, server = "files") =>
    (await other.call("POST", "/v1/actions", { key: otherScribe, body: { server, tool, arguments: args } })).json;

  it("goes by its permit, and by its denial", async () => {
    const graph = await use("read_graph", {}, "memory");
    expect(graph).toMatchObject({ state: "done" });
    const path = page("welcome.md", other);
    const asked = await use("read_text_file", { path });
    // The same path lies outside the other plane's folder, so its catalog counts it as production.
    expect(asked.sentence).toContain("veto `sister`");
    expect(asked).toMatchObject({ state: "refused", refusal: "policy" });
    const receipt = (await other.call("GET", asked.receipt, { key: await other.person(bo) })).json;
    const [fact] = receipt.policy.input.facts.vetoes;
    expect(fact).toMatchObject({
      veto: "sister",
      kind: "authzen",
      effect: "deny",
      decisionId: expect.stringMatching(/^dec_/),
    });
    const theirs = (await plane.call("GET", `/v1/receipts/${fact.decisionId}`, { key: await plane.person(bo) })).json;
    expect(theirs.advisory).toBe(true);
  });

  it.each([true, false])(
    "and is asked in turn ends with a denial (the other tells how deep it is: %s)",
    async (does) => {
      tells = does;
      relayed.length = 0;
      const ended = await use("list_directory", { path: join(other.folder, "sandbox/pages") });
      expect(ended).toMatchObject({ state: "refused" });
      expect(relayed.length).toBeGreaterThan(1);
      expect(relayed.length).toBeLessThanOrEqual(does ? 3 : 32);
    },
  );
});
