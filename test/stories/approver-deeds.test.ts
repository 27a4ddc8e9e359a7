import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@countersign/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modern } from "../conformance/raw.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const dee = "dee@acme.example";
const rules = "workflows/docs-upkeep.yaml";

let plane: TestPlane;
let key: string;
let cli: TestCli;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        text.replace(
          "\ngroups:",
          `\n  - email: ${dee}\n    name: Dee\n    roles: [approver]\n    groups: [editors]\n\ngroups:`,
        ),
      [rules]: (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("tool: files.write_file\n", "tool: files.write_file\n    grants: true\n"),
    },
  });
  for (const email of [ana, bo, dee]) keys.set(email, await plane.person(email));
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: keys.get(bo) ?? "" });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const page = (name: string) => join(plane.folder, "sandbox/pages", name);
const textOf = (name: string) => readFileSync(page(name), "utf8");
const as = (email: string) => ({ key: keys.get(email) ?? "" });

async function write(name: string, content = "text", more: object = {}) {
  const body = { server: "files", tool: "write_file", arguments: { path: page(name), content }, ...more };
  return (await plane.call("POST", "/v1/actions", { key, body })).json;
}
/** Asks to write over a page that is there, so that it can be undone. */
async function held(name: string, content?: string): Promise<string> {
  writeFileSync(page(name), "before\n");
  const view = await write(name, content);
  expect(view).toMatchObject({ state: "held" });
  return view.id;
}
async function look(email: string, id: string) {
  const { json } = await plane.call("GET", `/v1/approvals/${id}`, as(email));
  return { callDigest: json.callDigest, shownDigest: json.shownDigest };
}
const post = (email: string, path: string, body: object) => plane.call("POST", path, { ...as(email), body });
const end = async (id: string, waitMs = 10_000) =>
  (await plane.call("GET", `/v1/actions/${id}?waitMs=${waitMs}`, { key })).json;
const cancel = (id: string) => plane.call("POST", `/v1/actions/${id}/cancel`, { key, body: { reason: "over" } });

async function mcp(): Promise<Client> {
  const client = new Client({ name: "an agent", version: "1.0.0" });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${plane.url}/mcp`), { requestInit }) as never);
  return client;
}
const said = (result: object) => (result as { content: { text: string }[] }).content[0]?.text ?? "";

describe("asking back", () => {
  it("reaches the agent through HTTP, and its reply the approvers", async () => {
    const id = await held("asked.md");
    const waiting = end(id, 20_000);
    const asked = await post(bo, `/v1/approvals/${id}/ask`, { question: "for whom?", ...(await look(bo, id)) });
    expect(asked).toMatchObject({ status: 200, json: { state: "held" } });
    expect(await waiting).toMatchObject({
      state: "held",
      sentence: expect.stringContaining(`${bo} asks back (question 1): for whom?`),
    });
    const before = await look(dee, id);
    const reply = await plane.call("POST", `/v1/actions/${id}/reply`, {
      key,
      body: { reply: "for <b>new</b> people" },
    });
    expect(reply).toMatchObject({ status: 202, json: { questions: [{ number: 1, reply: "for <b>new</b> people" }] } });
    expect(await post(dee, `/v1/approvals/${id}/answer`, { verdict: "approve", ...before })).toMatchObject({
      status: 409,
    });
    expect(await post(bo, `/v1/actions/${id}/reply`, { reply: "I am not the agent" })).toMatchObject({ status: 403 });
    const html = await plane.call("GET", `/approvals/${id}`, as(dee));
    expect(html.text).toMatch(/The agent says \(a claim\) at \d{4}-\S+: for &lt;b&gt;new&lt;\/b&gt; people/);
    expect(
      await post(dee, `/v1/approvals/${id}/answer`, { verdict: "approve", ...(await look(dee, id)) }),
    ).toMatchObject({
      status: 200,
    });
    expect(await end(id)).toMatchObject({ state: "done" });
  });

  it("reaches a client of MCP as the held answer, a task as its status, and takes its reply by the tool", async () => {
    const client = await mcp();
    const call = client.callTool({
      name: "files__write_file",
      arguments: { path: page("mcp.md"), content: "from mcp" },
    });
    let id = "";
    await expect
      .poll(async () => {
        const { json } = await plane.call("GET", "/v1/approvals", as(bo));
        id = json.approvals.find(({ target }: { target: string }) => target.endsWith("mcp.md"))?.id ?? "";
        return id;
      })
      .not.toBe("");
    await post(bo, `/v1/approvals/${id}/ask`, { question: "is it true?", ...(await look(bo, id)) });
    const told = said(await call);
    expect(told).toContain("asks back (question 1): is it true?");
    expect(told).toContain("Reply with the tool countersign_action");
    const tasks = { extensions: { "io.modelcontextprotocol/tasks": {} } };
    const options = { headers: { authorization: `Bearer ${key}` }, capabilities: tasks };
    const task = await modern(plane.url, "/mcp", "tasks/get", { taskId: id }, options);
    expect(task.body.result).toMatchObject({
      status: "working",
      statusMessage: expect.stringContaining("is it true? Reply with the tool countersign_action"),
    });
    const about = (args: object) =>
      client.callTool({
        name: "countersign_action",
        arguments: { id, ...args },
        _meta: { "countersign.dev/wait-ms": 0 },
      });
    expect(said(await about({ reply: "yes, see the log" }))).not.toContain("asks back");
    await expect(about({ reply: "" })).rejects.toThrow("1 to 4000 characters");
    const { json } = await plane.call("GET", `/v1/approvals/${id}`, as(bo));
    expect(json.questions).toMatchObject([{ reply: "yes, see the log" }]);
    await post(bo, `/v1/approvals/${id}/answer`, { verdict: "approve", ...(await look(bo, id)) });
    await expect.poll(async () => said(await about({}))).toContain("Successfully wrote");
    await client.close();
  });
});

describe("editing", () => {
  it("runs the edited call, and the agent's waiting call is told and follows it", async () => {
    const client = await mcp();
    const call = client.callTool({
      name: "files__write_file",
      arguments: { path: page("edited.md"), content: "loud" },
    });
    let id = "";
    await expect
      .poll(async () => {
        const { json } = await plane.call("GET", "/v1/approvals", as(bo));
        id = json.approvals.find(({ target }: { target: string }) => target.endsWith("edited.md"))?.id ?? "";
        return id;
      })
      .not.toBe("");
    const { status, json } = await post(bo, `/v1/approvals/${id}/edit`, {
      ...{ arguments: { path: page("edited.md"), content: "quiet" }, reason: "say it quietly" },
      ...(await look(bo, id)),
    });
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        counts: true,
        first: { state: "refused", refusal: "edited" },
        edited: { editOf: { action: id, by: bo } },
      },
    });
    const to = json.edited.id;
    const told = await call;
    expect(told.isError).toBe(true);
    expect(said(told)).toContain(`Follow it with the tool countersign_action and id ${to}`);
    const followed = await client.callTool({ name: "countersign_action", arguments: { id: to } });
    expect(said(followed)).toContain("Successfully wrote");
    expect(textOf("edited.md")).toBe("quiet");
    await client.close();
    expect((await plane.call("GET", `/v1/actions/${to}`, { key })).json.editOf.arguments).toMatchObject({
      content: "quiet",
    });
    expect((await plane.call("GET", `/v1/actions/${to}`, as(dee))).json.editOf).not.toHaveProperty("arguments");
  });

  it("of what the workflow does not let the agent do is refused, and the first stays held", async () => {
    const id = await held("kept.md");
    const { json } = await post(bo, `/v1/approvals/${id}/edit`, {
      ...{ arguments: { path: "/etc/passwd-of-another-place", content: "x" }, reason: "somewhere else" },
      ...(await look(bo, id)),
    });
    expect(json.first).toMatchObject({ id, state: "held" });
    expect(json.edited).toMatchObject({ state: "refused", editOf: { action: id } });
    expect(json.counts).toBe(false);
    await cancel(id);
  });
});

describe("grants", () => {
  it("are given, listed, used and revoked through HTTP and the client", async () => {
    const id = await held("granted.md", "one");
    const client = connect({ url: plane.url, key: keys.get(bo) ?? "" });
    const shape = { arguments: { "/content": { any: true } } } as const;
    const made = await client.grants.give({
      ...{ approval: id, shape, forMs: 600_000, uses: 5, reason: "small words" },
      ...(await look(bo, id)),
    });
    expect(made).toMatchObject({ state: "in_force", by: bo, used: 0, uses: 5, yours: true });
    expect(await end(id)).toMatchObject({ state: "done" });
    expect(await write("granted.md", "two")).toMatchObject({ state: "done" });
    expect(textOf("granted.md")).toBe("two");
    const seen = await plane.call("GET", "/v1/grants", as(dee));
    expect(seen.json.grants).toMatchObject([{ id: made.id, used: 2, shape: { arguments: {} }, yours: false }]);
    expect(seen.json.grants[0]).not.toHaveProperty("args");
    const receipt = await plane.call("GET", `/v1/receipts/${made.id}`, as(ana));
    expect(receipt.json).toMatchObject({
      kind: "granted",
      person: bo,
      payload: { uses: 5, shape: { target: "exact" } },
    });
    expect(await post(dee, `/v1/grants/${made.id}/revoke`, { reason: "no" })).toMatchObject({ status: 403 });
    expect(await client.grants.revoke(made.id, "enough")).toMatchObject({ state: "revoked", because: "enough" });
    const after = await write("granted.md", "three");
    expect(after).toMatchObject({ state: "held" });
    await cancel(after.id);
  });

  it("end with their giver: who leaves the group or the workspace grants nothing any more", async () => {
    const id = await held("mover.md", "one");
    const shape = { arguments: { "/content": { any: true } } };
    const { json: made } = await post(dee, "/v1/grants", {
      ...{ approval: id, shape, forMs: 600_000, uses: 5, reason: "small words" },
      ...(await look(dee, id)),
    });
    expect(await end(id)).toMatchObject({ state: "done" });
    const { files } = plane.running.control.keeper.loaded();
    const organisation = files["countersign.yaml"] ?? "";
    const without = organisation.replace(/( {2}- email: dee@[\s\S]*?groups: )\[[^\]]*\]/, "$1[]");
    expect(without).not.toBe(organisation);
    const asked = await post(ana, "/v1/workspace/apply", { files: { ...files, "countersign.yaml": without } });
    await post(bo, `/v1/proposals/${asked.json.proposal}/sign`, { digest: asked.json.plan.to });
    const after = await write("mover.md", "two");
    expect(after).toMatchObject({ state: "held" });
    const { json } = await plane.call("GET", "/v1/grants", as(ana));
    expect(json.grants.find((one: { id: string }) => one.id === made.id)).toMatchObject({
      state: "void",
      because: expect.stringContaining("has left"),
    });
    await cancel(after.id);
    const back = await post(ana, "/v1/workspace/apply", { files });
    await post(bo, `/v1/proposals/${back.json.proposal}/sign`, { digest: back.json.plan.to });
    const again = await write("mover.md", "three");
    expect(again).toMatchObject({ state: "held" });
    await cancel(again.id);
  });
});

describe("a batch", () => {
  it("is listed and answered through HTTP, and looking never approves", async () => {
    const ids = [];
    for (const name of ["batch-a.md", "batch-b.md", "batch-c.md", "batch-d.md"]) ids.push(await held(name));
    const list = async () => (await plane.call("GET", "/v1/approvals/batches", as(bo))).json.batches[0];
    expect(await list()).toMatchObject({ tool: "write_file", paths: ["/content", "/path"], sample: 3, more: 0 });
    for (const id of ids.slice(1)) await look(bo, id);
    const { items } = await list();
    expect(items.map(({ opened }: { opened: boolean }) => opened)).toEqual([false, true, true, true]);
    for (const id of ids) expect(await end(id, 0)).toMatchObject({ state: "held" });
    const named = items.map(({ id, callDigest, shownDigest }: Record<string, string>) => ({
      id,
      callDigest,
      shownDigest,
    }));
    const wrong = { ...named[3], shownDigest: `sha256:${"1".repeat(64)}` };
    const body = { verdict: "approve", reason: "alike", items: [...named.slice(0, 3), wrong] };
    expect(await post(bo, "/v1/approvals/batch", body)).toMatchObject({ status: 409 });
    await plane.call("GET", `/v1/approvals/${ids[0]}`, as(bo));
    const { status, json } = await post(bo, "/v1/approvals/batch", body);
    expect({ status, json }).toMatchObject({
      status: 200,
      json: { answered: ids.slice(0, 3).map((id) => ({ id })), left: [{ id: ids[3] }] },
    });
    for (const id of ids.slice(0, 3)) expect(await end(id)).toMatchObject({ state: "done" });
    await cancel(ids[3] ?? "");
  });
});

describe("at the terminal", () => {
  it("each is a command", async () => {
    const agent = { COUNTERSIGN_KEY: key };
    const id = await held("cli.md", "one");
    const asked = await cli.run(["approvals", "ask", id, "--question", "why?", "--yes"]);
    expect(asked).toMatchObject({ exit: 0, stdout: expect.stringContaining(`asked: ${id} stays held`) });
    const replied = await cli.run(["actions", "reply", id, "--reply", "because"], { env: agent });
    expect(replied).toMatchObject({ exit: 0, stdout: expect.stringContaining("held") });
    const shown = await cli.run(["approvals", "show", id]);
    expect(shown.stdout).toMatch(/1\. bo@acme\.example asked back: why\?\n {3}the agent says \(a claim\): because/);
    const args = JSON.stringify({ path: page("cli.md"), content: "two" });
    const edited = await cli.run(["approvals", "edit", id, "--args", args, "--reason", "better", "--yes"]);
    expect(edited).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/edited act_\w+ and approved: act_\w+ is done now/),
    });
    expect(textOf("cli.md")).toBe("two");
    const receipt = (await cli.run(["receipt", id])).stdout;
    const fifth = receipt.slice(receipt.indexOf("Who approved it?"), receipt.indexOf("How do you reverse it?"));
    expect(fifth).toContain("bo@acme.example asked its agent back once, and it replied");
    expect(fifth).toMatch(/asked back +why\? \(bo@acme\.example\)\n +it claims +because/);

    const next = await held("cli-granted.md", "one");
    const granted = await cli.run(
      ["approvals", "grant", next, "--for", "1h", "--uses", "2", "--reason", "small", "--yes"].concat(
        "--any",
        "/content",
      ),
    );
    expect(granted).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/granted until .* UTC, for 2 calls: gov_\w+/),
    });
    expect(await end(next)).toMatchObject({ state: "done" });
    const [grant = ""] = /gov_\w{26}/.exec(granted.stdout) ?? [];
    expect((await cli.run(["approvals", "grants"])).stdout).toMatch(new RegExp(`${grant} +in_force .* 1/2`));
    expect(await cli.run(["approvals", "revoke", grant, "--reason", "over"])).toMatchObject({
      exit: 0,
      stdout: `revoked ${grant}: 1 of 2 were used\n`,
    });
    const far = await cli.run(["approvals", "grant", next, "--for", "9h", "--uses", "2", "--reason", "r", "--yes"]);
    expect(far.exit).not.toBe(0);

    const ids = [await held("cli-a.md"), await held("cli-b.md")];
    const listed = (await cli.run(["approvals", "batches"])).stdout;
    expect(listed).toContain("open 2 of them by themselves");
    expect(listed).toMatch(/^ {2}each: content: up to 10 lines added, .*; risk: /m);
    const early = await cli.run(["approvals", "batch", "approve", ...ids, "--yes"]);
    expect(early).toMatchObject({ exit: 6, stderr: expect.stringContaining("you opened 0 of these by itself") });
    for (const one of ids) await cli.run(["approvals", "show", one]);
    const done = await cli.run(["approvals", "batch", "approve", ...ids, "--yes"]);
    expect(done).toMatchObject({ exit: 0, stdout: `${ids.map((one) => `approved ${one}`).join("\n")}\n` });
    for (const one of ids) expect(await end(one)).toMatchObject({ state: "done" });
  });
});
