import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { openTestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let asAna: string;
let asBo: string;
/** A key of the server's own, that acts for nobody. */
let ofNobody: string;
/** Bo, let in by a link that Ana made. */
let anasBo: string;

beforeAll(async () => {
  const two = (text: string) =>
    text.replace("files.edit_file\n    from: editors", "files.edit_file\n    from: editors\n    count: 2");
  plane = await openTestPlane({ edit: { "workflows/docs-upkeep.yaml": two } });
  [asAna, asBo] = [await plane.person(ana), await plane.person(bo)];
  anasBo = (await plane.call("POST", "/v1/login/cli", { body: { link: await linkBy(asAna, bo), note: "a test" } })).json
    .key;
  ofNobody = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

async function linkBy(key: string, email: string): Promise<string> {
  const made = await plane.call("POST", `/v1/people/${email}/link`, { key, body: {} });
  return new URL(made.json.url).searchParams.get("link") ?? "";
}

async function held(key: string, tool: "edit_file" | "write_file", name: string) {
  const path = join(plane.folder, "sandbox/pages", name);
  writeFileSync(path, "before\n");
  const change = tool === "edit_file" ? { edits: [{ oldText: "before", newText: "after" }] } : { content: "after\n" };
  const body = { server: "files", tool, arguments: { path, ...change } };
  const { json } = await plane.call("POST", "/v1/actions", { key, body });
  expect(json.state, json.sentence).toBe("held");
  return json;
}

async function approve(key: string, id: string) {
  const { callDigest, shownDigest = `sha256:${"0".repeat(64)}` } = (
    await plane.call("GET", `/v1/approvals/${id}`, { key })
  ).json;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "fine" };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
}

const form = (members: Record<string, string>, cookie = "") => ({
  raw: new URLSearchParams(members).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded", cookie },
});

/** Approves by the page's own form, in a browser that logs in with this link; the page that follows. */
async function approveByPage(link: string, id: string): Promise<string> {
  const reply = await plane.call("POST", "/login", form({ link }));
  const cookie = (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const { text } = await plane.call("GET", `/approvals/${id}`, { headers: { cookie } });
  const hidden = [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
  const members = Object.fromEntries(hidden.map(([, name = "", value = ""]) => [name, value]));
  const answered = await plane.call(
    "POST",
    `/approvals/${id}`,
    form({ ...members, verdict: "approve", reason: "" }, cookie),
  );
  expect(answered.status, answered.text).toBe(200);
  return answered.text;
}

const words =
  "`ana@acme.example` has approved it already, and `ana@acme.example` made the link that you are logged in with: you count as one";

describe("an approval that does not count", () => {
  it("says so and why, by HTTP, by command line and on the page, and stays on the record", async () => {
    const { id } = await held(ofNobody, "edit_file", "two.md");
    const first = await approve(asAna, id);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ state: "held" });
    expect(first.json).not.toHaveProperty("notCounted");

    expect((await approve(anasBo, id)).json).toMatchObject({ state: "held", notCounted: words });
    const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: anasBo });
    const ran = await cli.run(["approvals", "approve", id, "--yes"]);
    expect(ran).toMatchObject({ exit: 0, stderr: "" });
    expect(ran.stdout).toContain(`your approval of ${id} is recorded and does not count: ${words}`);
    expect((await cli.run(["approvals", "approve", id, "--yes", "--json"])).json).toMatchObject({
      id,
      notCounted: words,
    });
    cli.close();
    const page = await approveByPage(await linkBy(asAna, bo), id);
    expect(page).toContain("<strong>Your approval does not count:</strong>");
    expect(page).toContain("you count as one");
    expect(page).toContain('<span class="state">held</span>');

    const receipt = (await plane.call("GET", `/v1/receipts/${id}`, { key: asAna })).json;
    const answers = receipt.approvals.answers.map((one: { person: string; vouchedBy: string[] }) => [
      one.person,
      one.vouchedBy,
    ]);
    expect(answers).toEqual([[ana, []], ...Array(4).fill([bo, [ana]])]);
  });

  it("becomes one when it is given by a login that nobody else is behind, and the page then shows what came of it", async () => {
    const { id } = await held(ofNobody, "edit_file", "page.md");
    await approve(asAna, id);
    await approve(anasBo, id);
    const link = (await invite(plane.running.control, "countersign", bo)).shownOnce.reveal();
    const page = await approveByPage(link, id);
    expect(page).not.toContain("does not count");
    expect(page).toContain('<span class="state">done</span>');
  });
});

describe("who is excluded as the requester", () => {
  it("is not named to the agent as somebody who could approve", async () => {
    expect((await held(ofNobody, "write_file", "none.md")).sentence).toBe(
      "held: it needs an approval from ana@acme.example, bo@acme.example (group `editors`)",
    );
    const body = { environment: "sandbox", onBehalfOf: bo };
    const { json } = await plane.call("POST", "/v1/agents/scribe/keys", { key: asBo, body });
    expect((await held(json.key, "write_file", "for-bo.md")).sentence).toBe(
      "held: it needs an approval from ana@acme.example (group `editors`)",
    );
    const both = await plane.call("POST", "/v1/agents/scribe/keys", { key: anasBo, body });
    expect((await held(both.json.key, "write_file", "both.md")).sentence).toBe(
      "held: it needs an approval from group `editors`, of whom nobody may give it",
    );
  });

  it("is whoever issued the key where the agent acts for nobody, and whoever let them in", async () => {
    const made = await plane.call("POST", "/v1/agents/scribe/keys", { key: asBo, body: { environment: "sandbox" } });
    const action = await held(made.json.key, "write_file", "issued.md");
    expect(action.sentence).toBe("held: it needs an approval from ana@acme.example (group `editors`)");
    const inbox = (await plane.call("GET", "/v1/approvals", { key: asBo })).json.approvals;
    expect(inbox.find((one: { id: string }) => one.id === action.id)).toMatchObject({ yours: false, vouchedBy: [bo] });
    const answer = await approve(asBo, action.id);
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({
      detail: "whoever issued the key of this agent may not answer this",
      help: "an approval of yours would not count, so none was recorded: another person has to answer",
    });
    expect((await approve(asAna, action.id)).json).not.toHaveProperty("notCounted");
    await expect
      .poll(async () => (await plane.call("GET", `/v1/actions/${action.id}`, { key: asAna })).json.state)
      .toBe("done");
  });
});
