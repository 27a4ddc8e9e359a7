import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let key: string;
beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string): string => join(plane.folder, "sandbox", name);
const submit = (tool: string, args: object, more: object = {}, headers: Record<string, string> = {}) =>
  plane.call("POST", "/v1/actions", { key, headers, body: { server: "files", tool, arguments: args, ...more } });

const write = (name: string, content: string, more: object = {}, headers: Record<string, string> = {}) =>
  submit("write_file", { path: page(name), content }, more, headers);

async function answer(email: string, id: string, verdict: "approve" | "deny", more: object = {}) {
  return (await looked(email, id, verdict, more))(plane.url);
}

/** Somebody who has looked at it, and answers when it is said. */
async function looked(email: string, id: string, verdict: "approve" | "deny", more: object = {}) {
  const person = await plane.person(email);
  const { json: shown } = await plane.call("GET", `/v1/approvals/${id}`, { key: person });
  const { callDigest, shownDigest } = shown;
  const body = { verdict, callDigest, shownDigest, reason: "seen", dwellMs: 1200, ...more };
  return (url: string) => plane.call("POST", `/v1/approvals/${id}/answer`, { key: person, body, url });
}

it("MT-139 what a workflow allows runs at once", async () => {
  const { status, json } = await submit("read_text_file", { path: page("pages/welcome.md") });
  expect(status).toBe(200);
  expect(json).toMatchObject({ state: "done", agent: "scribe", environment: "sandbox", verb: "read" });
  expect(json.result.content[0].text).toBe(readFileSync(page("pages/welcome.md"), "utf8"));
});

it("MT-140 what a workflow asks about is held, says who and how many and how long, and runs once approved", async () => {
  const { status, json, headers } = await write("asked.md", "one");
  expect(status).toBe(202);
  expect(headers.get("location")).toBe(`/v1/actions/${json.id}`);
  expect(json).toMatchObject({
    state: "held",
    requirements: [{ kind: "approval", from: "editors", count: 1, openMs: 4 * 3_600_000 }],
  });
  expect(json.sentence).toContain(bo);
  expect(() => readFileSync(page("asked.md"))).toThrow();
  expect((await answer(bo, json.id, "approve")).status).toBe(200);
  const done = await plane.call("GET", `/v1/actions/${json.id}?waitMs=10000`, { key });
  expect(done.json).toMatchObject({ state: "done" });
  expect(readFileSync(page("asked.md"), "utf8")).toBe("one");
  const digest = `sha256:${"0".repeat(64)}`;
  const body = { verdict: "approve", callDigest: json.callDigest, shownDigest: digest };
  const late = await plane.call("POST", `/v1/approvals/${json.id}/answer`, { key: await plane.person(ana), body });
  expect(late.status).toBe(404);
});

it("two approvals at once on two replicas run the action once", async () => {
  const other = await plane.replica();
  for (let round = 0; round < 5; round++) {
    const { json } = await write(`raced-${round}.md`, `round ${round}`);
    const [byAna, byBo] = [await looked(ana, json.id, "approve"), await looked(bo, json.id, "approve")];
    const both = await Promise.all([byAna(plane.url), byBo(other.url)]);
    expect(both.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    for (const { status } of both) expect([200, 404, 409]).toContain(status);
    const done = await plane.call("GET", `/v1/actions/${json.id}?waitMs=10000`, { key });
    expect(done.json).toMatchObject({ state: "done" });
    const receipt = await plane.call("GET", `/v1/receipts/${json.id}`, { key: await plane.person(ana) });
    expect(receipt.json.what.attempts).toBe(1);
  }
  await other.close();
});

it("an answer to another call than the one that was shown is refused", async () => {
  const { json } = await write("bound.md", "one");
  const changed = await answer(bo, json.id, "approve", { callDigest: `sha256:${"0".repeat(64)}` });
  expect(changed.status).toBe(409);
  const denied = await answer(bo, json.id, "deny", { reason: "not this page" });
  expect(denied.json).toMatchObject({ state: "refused", refusal: "denied" });
  expect(denied.json.sentence).toContain("not this page");
});

it("MT-141 what a workflow blocks is refused with a reason that the agent can act on", async () => {
  const { status, json } = await submit("move_file", { source: page("a.md"), destination: page("b.md") });
  expect(status).toBe(200);
  expect(json).toMatchObject({ state: "refused", refusal: "policy" });
  expect(json.sentence.length).toBeGreaterThan(20);
  expect(json.requirements).toEqual([]);
});

it("MT-33 an agent that says sandbox about a production target is refused", async () => {
  const path = join(plane.folder, "production", "site.json");
  const { json } = await submit("read_text_file", { path }, { environment: "sandbox" });
  expect(json).toMatchObject({ state: "refused", environment: "production" });
  expect(json.sentence).toContain("production");
});

it("MT-1 a call without an identity is refused with a receipt of the refusal, and a flood leaves no more than ten", async () => {
  const auditor = await plane.person(ana);
  const before = await count();
  const { status, json, headers } = await plane.call("POST", "/v1/actions", {
    body: { server: "files", tool: "write_file", arguments: {} },
  });
  expect(status).toBe(401);
  expect(headers.get("www-authenticate")).toContain("resource_metadata=");
  const id = /act_[0-9a-z]{26}/.exec(json.detail)?.[0];
  const receipt = await plane.call("GET", `/v1/receipts/${id}`, { key: auditor });
  expect(receipt.json).toMatchObject({ state: "refused", what: { agent: "" } });
  expect(receipt.json.policy.sentence).toContain("no credentials");
  const mcp = await fetch(`${plane.url}/mcp`, {
    method: "POST",
    headers: { authorization: "Bearer csk_wrong" },
    body: "{}",
  });
  expect(mcp.status).toBe(401);
  await mcp.text();
  for (let n = 0; n < 40; n++) await plane.call("POST", "/v1/actions", { key: "csk_nothing", body: {} });
  const after = await count();
  expect(after - before).toBe(10);

  async function count(): Promise<number> {
    const found = await plane.database.db.query<{ n: number }>(
      "select count(*)::int as n from entry where kind = 'refused' and agent is null",
    );
    return found.rows[0]?.n ?? 0;
  }
});

it("an idempotency key gives the first outcome back, and is a conflict with other arguments", async () => {
  const headers = { "idempotency-key": "retry-1" };
  const first = await write("keyed.md", "one", {}, headers);
  const again = await write("keyed.md", "one", {}, headers);
  expect(again.json.id).toBe(first.json.id);
  expect((await write("keyed.md", "two", {}, headers)).status).toBe(409);
  expect((await write("keyed.md", "one", {}, { "idempotency-key": "a b" })).status).toBe(400);
  const cancelled = await plane.call("POST", `/v1/actions/${first.json.id}/cancel`, {
    key,
    body: { reason: "changed my mind" },
  });
  expect(cancelled.json).toMatchObject({ state: "refused", refusal: "cancelled" });
});

it("a stop is in force when it answers: nothing new, nothing held; lifting takes a second person", async () => {
  const held = await write("stopped.md", "one");
  const stopped = await plane.call("POST", "/v1/stops", {
    key: await plane.person(bo),
    body: { scope: "agent", name: "scribe", reason: "it looks wrong" },
  });
  expect(stopped.status).toBe(201);
  expect(stopped.json.frozen).toContain(held.json.id);
  const refused = await submit("read_text_file", { path: page("pages/welcome.md") });
  expect(refused.json).toMatchObject({ state: "refused", refusal: "stopped" });
  expect((await answer(ana, held.json.id, "approve")).status).toBe(409);
  const lift = (email: string) =>
    plane
      .person(email)
      .then((person) =>
        plane.call("POST", `/v1/stops/${stopped.json.stop.id}/lift`, { key: person, body: { reason: "looked" } }),
      );
  expect((await lift(bo)).status).toBe(403);
  expect((await lift(ana)).json.thawed).toContain(held.json.id);
  expect((await answer(ana, held.json.id, "approve")).status).toBe(200);
  const receipt = await plane.call("GET", stopped.json.receipt, { key: await plane.person(bo) });
  expect(receipt.json).toMatchObject({ kind: "stopped", person: bo, payload: { stop: { reason: "it looks wrong" } } });
});

it("MT-256 a done action is undone by the plan captured before it ran, and both receipts say so", async () => {
  const first = await write("undone.md", "before");
  await answer(bo, first.json.id, "approve");
  await plane.call("GET", `/v1/actions/${first.json.id}?waitMs=10000`, { key });
  const second = await write("undone.md", "after");
  await answer(bo, second.json.id, "approve");
  await plane.call("GET", `/v1/actions/${second.json.id}?waitMs=10000`, { key });
  expect(readFileSync(page("undone.md"), "utf8")).toBe("after");
  const receipt = (id: string) =>
    plane.person(ana).then((person) => plane.call("GET", `/v1/receipts/${id}`, { key: person }));
  expect((await receipt(second.json.id)).json.reversal).toMatchObject({ plan: { kind: "inverse" } });
  const undo = await plane.call("POST", `/v1/actions/${second.json.id}/reverse`, {
    key: await plane.person(ana),
    body: { reason: "the first text was right" },
  });
  expect(undo.json).toMatchObject({ state: "held", reverses: second.json.id });
  await answer(bo, undo.json.id, "approve");
  await plane.call("GET", `/v1/actions/${undo.json.id}?waitMs=10000`, { key });
  expect(readFileSync(page("undone.md"), "utf8")).toBe("before");
  const reversed = (await receipt(second.json.id)).json;
  expect(reversed).toMatchObject({ state: "reversed", reversal: { reversedBy: undo.json.id } });
  expect((await receipt(undo.json.id)).json.reversal.reverses).toBe(second.json.id);
});

it("undoing the same deed twice is two undos: the second is not answered with the first", async () => {
  const undo = async () => {
    const done = await write("twice.md", "after");
    await answer(bo, done.json.id, "approve");
    await plane.call("GET", `/v1/actions/${done.json.id}?waitMs=10000`, { key });
    const asked = await plane.call("POST", `/v1/actions/${done.json.id}/reverse`, {
      key: await plane.person(ana),
      body: { reason: "back again" },
    });
    await answer(bo, asked.json.id, "approve");
    // Nobody who asked fetches the outcome: its answer counts as not delivered.
    await vi.waitFor(() => expect(readFileSync(page("twice.md"), "utf8")).toBe("before"), 60_000);
    return asked.json.id as string;
  };
  const first = await write("twice.md", "before");
  await answer(bo, first.json.id, "approve");
  await plane.call("GET", `/v1/actions/${first.json.id}?waitMs=10000`, { key });
  expect(await undo()).not.toBe(await undo());
});

it("asking without acting answers as a call would, does nothing, and is marked advisory", async () => {
  const ask = (tool: string, args: object) =>
    plane.call("POST", "/v1/decisions", { key, body: { server: "files", tool, arguments: args } });
  const allowed = await ask("read_text_file", { path: page("pages/welcome.md") });
  expect(allowed.json).toMatchObject({ advisory: true, effect: "allow" });
  const asked = await ask("write_file", { path: page("advice.md"), content: "x" });
  expect(asked.json).toMatchObject({ effect: "require", requirements: [{ kind: "approval", from: "editors" }] });
  expect((await ask("move_file", { source: "a", destination: "b" })).json.effect).toBe("deny");
  expect(() => readFileSync(page("advice.md"))).toThrow();
  const receipt = await plane.call("GET", asked.json.receipt, { key: await plane.person(ana) });
  expect(receipt.json).toMatchObject({ id: asked.json.id, advisory: true });
  const open = await plane.call("GET", "/v1/approvals", { key: await plane.person(ana) });
  expect(open.json.approvals.every((one: { tool: string; target: string }) => !one.target.endsWith("advice.md"))).toBe(
    true,
  );
});

it("what is only asked about leaves no secret of its arguments behind", async () => {
  const token = `ghp_${"a1B2c3D4e5F6g7H8i9J0".repeat(2).slice(0, 36)}`;
  const args = { path: page("leak.md"), content: `use ${token}` };
  const asked = await plane.call("POST", "/v1/decisions", {
    key,
    body: { server: "files", tool: "write_file", arguments: args },
  });
  expect(asked.json.effect).toBe("deny");
  const receipt = await plane.call("GET", asked.json.receipt, { key: await plane.person(ana) });
  expect(receipt.json.policy.input.args.path).toBe(page("leak.md"));
  expect(JSON.stringify(receipt.json)).not.toContain(token);
  const opened = { key: await plane.person(ana), body: { agent: "scribe", task: `sign in with ${token}` } };
  const run = (await plane.call("POST", "/v1/runs", opened)).json.id;
  const { rows } = await plane.database.owner.query("select task from run where id = $1", [run]);
  expect(JSON.stringify(rows)).toMatch(/sign in with/);
  expect(JSON.stringify(rows)).not.toContain(token);
});

it("an agent sees its own actions only, page by page; the newest first", async () => {
  const coder = await plane.agent("coder");
  const mine = await plane.call("GET", "/v1/actions?limit=3", { key });
  expect(mine.json.actions).toHaveLength(3);
  const more = await plane.call("GET", `/v1/actions?limit=3&cursor=${mine.json.next}`, { key });
  const ids = [...mine.json.actions, ...more.json.actions].map((one: { id: string }) => one.id);
  expect(ids).toEqual([...ids].sort().reverse());
  expect(new Set(ids).size).toBe(6);
  expect((await plane.call("GET", "/v1/actions", { key: coder })).json.actions).toEqual([]);
  const [first] = mine.json.actions;
  expect((await plane.call("GET", `/v1/actions/${first.id}`, { key: coder })).status).toBe(404);
  expect((await plane.call("GET", `/v1/receipts/${first.id}`, { key: coder })).status).toBe(404);
  const all = await plane.call("GET", "/v1/actions?workflow=docs-upkeep", { key: await plane.person(cy) });
  expect(all.json.actions.length).toBeGreaterThan(3);
});

it("a run that a person opens carries its task; one that an agent opens counts as tainted", async () => {
  const task = "bring the welcome page up to date";
  const run = await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body: { agent: "scribe", task } });
  expect(run.status).toBe(201);
  expect(run.json.trusted).toBe(true);
  await submit("read_text_file", { path: page("pages/welcome.md") }, { run: run.json.id });
  const within = await plane.call("GET", `/v1/runs/${run.json.id}/actions`, { key });
  expect(within.json.actions).toHaveLength(1);
  expect((await plane.call("POST", "/v1/runs", { key, body: {} })).json.trusted).toBe(false);
  expect((await plane.call("POST", "/v1/runs", { key, body: { agent: "coder" } })).status).toBe(404);
});

it("MT-24 a step that the run's plan does not name is marked, in the receipt and for policy", async () => {
  const plan = [{ tool: "files.read_text_file", target: page("pages/welcome.md") }, { tool: "files.list_directory" }];
  const opened = { key: await plane.person(ana), body: { agent: "scribe", task: "look", plan } };
  const run = (await plane.call("POST", "/v1/runs", opened)).json.id;
  const planned = async (tool: string, path: string) => {
    const { json } = await submit(tool, { path: page(path) }, { run });
    const receipt = await plane.call("GET", `/v1/receipts/${json.id}`, { key: await plane.person(ana) });
    expect(receipt.json.policy.input.run.planned).toBe(receipt.json.what.planned);
    return receipt.json.what.planned;
  };
  expect(await planned("read_text_file", "pages/welcome.md")).toBe(true);
  expect(await planned("list_directory", "pages")).toBe(true);
  expect(await planned("read_text_file", "pages/style.md")).toBe(false);
  expect(await planned("get_file_info", "pages/welcome.md")).toBe(false);
  const without = (await plane.call("POST", "/v1/runs", { key, body: {} })).json.id;
  const { json } = await submit("read_text_file", { path: page("pages/welcome.md") }, { run: without });
  const receipt = await plane.call("GET", `/v1/receipts/${json.id}`, { key: await plane.person(ana) });
  expect(receipt.json.what).not.toHaveProperty("planned");
  const odd = { agent: "scribe", plan: [{ tool: "files.read_text_file", targets: "x" }] };
  expect((await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body: odd })).status).toBe(400);
});

it("the event stream tells what happens on any replica, goes on where it broke, and an agent hears its own only", async () => {
  const other = await plane.replica();
  const person = await plane.person(ana);
  const seen: string[] = [];
  const listen = (from?: string) => {
    const abort = new AbortController();
    const headers = { authorization: `Bearer ${person}`, ...(from === undefined ? {} : { "last-event-id": from }) };
    const reading = fetch(`${other.url}/v1/stream`, { headers, signal: abort.signal }).then(async (response) => {
      expect(response.headers.get("content-type")).toContain("text/event-stream");
      for await (const chunk of response.body ?? []) seen.push(Buffer.from(chunk).toString());
    });
    return {
      end() {
        abort.abort();
        return reading.catch(() => undefined);
      },
    };
  };
  const first = listen();
  await until(async () => (seen.length > 0 ? true : undefined));
  const held = await write("streamed.md", "one");
  await until(async () => (seen.join("").includes(held.json.id) ? true : undefined));
  expect(seen.join("")).toMatch(/event: approval\ndata: \{"id":"act_/);
  const ids = [...seen.join("").matchAll(/^id: (.+)$/gm)].map((found) => found[1]);
  await first.end();
  await plane.call("POST", `/v1/actions/${held.json.id}/cancel`, { key, body: { reason: "enough" } });
  seen.length = 0;
  const second = listen(ids.at(-1));
  await until(async () => (/"to":"refused"/.test(seen.join("")) ? true : undefined));
  await second.end();
  const bad = await plane.call("GET", "/v1/stream", { key: person, headers: { "last-event-id": "nonsense" } });
  expect(bad.status).toBe(400);
  await other.close();
});
