import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@countersign/client";
import { canonical, type Shown, shownDocument } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const dee = "dee@acme.example";
const rules = "workflows/docs-upkeep.yaml";
const today = new Date().toISOString().slice(0, 10);

let plane: TestPlane;
let agent: string;
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
          .replace("from: editors\n    count: 1", "from: dri\n    count: 1")
          .replace("tool: files.edit_file\n    from: editors", `tool: files.edit_file\n    from: ${dee}`)
          .replace(
            "pattern:",
            `cover:\n  - { person: ${cy}, from: ${today}, to: 2099-01-01 }\n  - { person: ${dee}, from: 2020-01-01, to: 2020-01-31 }\npattern:`,
          ),
    },
  });
  for (const email of [ana, bo, cy, dee]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string) => join(plane.folder, "sandbox/pages", name);

async function submit(tool: string, args: object): Promise<{ id: string; sentence: string }> {
  const { json } = await plane.call("POST", "/v1/actions", {
    key: agent,
    body: { server: "files", tool, arguments: args },
  });
  expect(json).toMatchObject({ state: "held" });
  return json;
}
const write = (name: string, content = "text") => submit("write_file", { path: page(name), content });

async function look(email: string, id: string) {
  return plane.call("GET", `/v1/approvals/${id}`, { key: keys.get(email) ?? "" });
}

async function answer(email: string, id: string, more: object = {}) {
  const { json } = await look(email, id);
  const { callDigest, shownDigest = `sha256:${"0".repeat(64)}` } = json;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "fine", ...more };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { key: keys.get(email) ?? "", body });
}

const rulesNow = () => plane.running.control.keeper.loaded().files[rules] ?? "";

/** Puts these rules in force, as two people do. */
async function put(rule: string): Promise<void> {
  const body = { files: { ...plane.running.control.keeper.loaded().files, [rules]: rule } };
  const asked = await plane.call("POST", "/v1/workspace/apply", { key: keys.get(ana) ?? "", body });
  const sign = { key: keys.get(bo) ?? "", body: { digest: asked.json.plan.to } };
  expect((await plane.call("POST", `/v1/proposals/${asked.json.proposal}/sign`, sign)).status).toBe(200);
}

const end = async (id: string, waitMs = 10_000) =>
  (await plane.call("GET", `/v1/actions/${id}?waitMs=${waitMs}`, { key: agent })).json;
const receipt = async (id: string) =>
  (await plane.call("GET", `/v1/receipts/${id}`, { key: keys.get(ana) ?? "" })).json;

describe("an approval that is asked of the DRI", () => {
  it.each([
    [ana, "as DRI of `docs-upkeep`"],
    [bo, "as deputy of `docs-upkeep`"],
    [cy, "as cover of `docs-upkeep`"],
  ])("is given by %s, %s, and the receipt says so", async (email, as) => {
    const held = await write(`asked-of-${email.slice(0, 3)}.md`);
    expect(held.sentence).toContain(`an approval from ${ana}, ${bo}, ${cy} (the DRI or who stands in)`);
    expect((await look(email, held.id)).json).toMatchObject({ yours: true });
    expect(await answer(email, held.id)).toMatchObject({ status: 200 });
    expect(await end(held.id)).toMatchObject({ state: "done" });
    const { approvals, policy } = await receipt(held.id);
    expect(approvals.sentence).toBe(`${email} approved it ${as}`);
    expect(policy.input.facts.approvals).toMatchObject([{ person: email, groups: expect.arrayContaining(["dri"]) }]);
    const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: keys.get(ana) ?? "" });
    expect((await cli.run(["receipt", held.id])).stdout).toContain(`${email} approved it ${as}`);
    cli.close();
  });

  it("is not given by a group's member, nor by who covered another day", async () => {
    const held = await write("not-dee.md");
    expect((await look(dee, held.id)).json).toMatchObject({ yours: false });
    const refused = await answer(dee, held.id);
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.json.detail).toContain("asked from `dri`");
    expect(await end(held.id, 300)).toMatchObject({ state: "held" });
  });

  it("does not count any more once whoever gave it no longer stands in", async () => {
    const text = rulesNow();
    await put(text.replace("count: 1", "count: 2"));
    const held = await write("stands-in.md");
    expect(await answer(cy, held.id)).toMatchObject({ status: 200 });
    await put(text.replace("count: 1", "count: 2").replace(/ {2}- \{ person: cy@.*\n/, ""));
    expect(await answer(ana, held.id)).toMatchObject({ status: 200 });
    expect(await end(held.id, 1_000)).toMatchObject({ state: "held" });
    expect(await answer(bo, held.id)).toMatchObject({ status: 200 });
    expect(await end(held.id)).toMatchObject({ state: "done" });
    await put(text);
  });
});

it("an approval that is asked of one person is given by that person and nobody else", async () => {
  writeFileSync(page("edited.md"), "one\n");
  const args = { path: page("edited.md"), edits: [{ oldText: "one", newText: "two" }] };
  const held = await submit("edit_file", args);
  expect(held.sentence).toBe(`held: it needs an approval from ${dee}`);
  const refused = await answer(ana, held.id);
  expect(refused).toMatchObject({ status: 403 });
  expect(refused.json.detail).toContain(`asked from \`${dee}\``);
  expect(await answer(dee, held.id)).toMatchObject({ status: 200 });
  expect(await end(held.id)).toMatchObject({ state: "done" });
  const { approvals } = await receipt(held.id);
  expect(approvals.sentence).toBe(`${dee} approved it as the person who was asked`);
  const [said] = approvals.answers;
  expect(approvals.shown).toMatchObject([{ shownDigest: said.shownDigest, document: { id: held.id, args } }]);
  expect(JSON.stringify(approvals.shown[0].document.before)).toContain("one");
  const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: keys.get(ana) ?? "" });
  expect((await cli.run(["receipt", held.id])).stdout).toMatch(
    /was shown +sha256:[0-9a-f]{16}… {2}--json has it whole/,
  );
  cli.close();
});

describe("an answer names what the server showed this person", () => {
  it("and the digest is of the very members that were shown", async () => {
    const held = await write("digest.md");
    const { json } = await look(ana, held.id);
    const document = canonical(shownDocument(json as Shown));
    expect(json.shownDigest).toBe(`sha256:${createHash("sha256").update(document).digest("hex")}`);
    const tampered = connect({
      url: plane.url,
      key: keys.get(ana) ?? "",
      fetch: async (input, init) => {
        const reply = await fetch(input, init);
        return new Response((await reply.text()).replace("digest.md", "digest.mD"), reply);
      },
    });
    await expect(tampered.approvals.get(held.id)).rejects.toMatchObject({ code: "unavailable" });
    const honest = connect({ url: plane.url, key: keys.get(ana) ?? "" });
    expect((await honest.approvals.get(held.id)).shownDigest).toBe(json.shownDigest);
  });

  it("not a digest that somebody made up, nor of what was put before another person", async () => {
    const held = await write("made-up.md");
    const shown = (await look(ana, held.id)).json;
    const made = await answer(ana, held.id, { shownDigest: `sha256:${"1".repeat(64)}` });
    expect(made).toMatchObject({ status: 409 });
    expect(made.json).toMatchObject({
      detail: "what waits now is not what you were shown",
      help: expect.stringContaining("look at it again"),
    });
    const { callDigest, shownDigest } = shown;
    const body = { verdict: "approve", callDigest, shownDigest, reason: "" };
    const unseen = await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key: keys.get(bo) ?? "", body });
    expect(unseen).toMatchObject({ status: 409 });
    expect(unseen.json.detail).toContain("you were not shown this");
    const denied = { ...body, verdict: "deny", reason: "unseen" };
    const path = `/v1/approvals/${held.id}/answer`;
    expect(await plane.call("POST", path, { key: keys.get(bo) ?? "", body: denied })).toMatchObject({ status: 409 });
    expect(await end(held.id, 300)).toMatchObject({ state: "held" });
    expect(await answer(bo, held.id)).toMatchObject({ status: 200 });
  });

  it("not what was shown more than an hour ago; looked at again it counts from then", async () => {
    const held = await write("long-ago.md");
    const { json } = await look(ana, held.id);
    const later =
      "update approval_shown set first_at = first_at - interval '2 hours', last_at = last_at - interval '61 minutes' where action = $1";
    await plane.database.owner.query(later, [held.id]);
    const { callDigest, shownDigest } = json;
    const body = { verdict: "approve", callDigest, shownDigest, reason: "", dwellMs: 7_200_000 };
    const late = await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key: keys.get(ana) ?? "", body });
    expect(late).toMatchObject({ status: 409 });
    expect(late.json.detail).toContain("within the last hour");
    expect(await answer(ana, held.id, { dwellMs: 7_200_000 })).toMatchObject({ status: 200 });
    await end(held.id);
    const [said] = (await receipt(held.id)).approvals.answers;
    expect(said.dwellMs).toBeLessThan(60_000);
  });

  it("not what the target was before it changed", async () => {
    writeFileSync(page("moves.md"), "before");
    const held = await write("moves.md", "after");
    const old = (await look(ana, held.id)).json;
    writeFileSync(page("moves.md"), "something else");
    await plane.database.owner.query("update open_action set look_at = clock_timestamp() where id = $1", [held.id]);
    const now = await until(async () => {
      const { json } = await look(bo, held.id);
      return json.shownDigest === old.shownDigest ? undefined : json;
    });
    const body = { verdict: "approve", callDigest: now.callDigest, shownDigest: old.shownDigest, reason: "" };
    const stale = await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key: keys.get(ana) ?? "", body });
    expect(stale).toMatchObject({ status: 409 });
    // Where the plane looks at the target once more in between, she looks again, too.
    let last = "";
    const lookAndAnswer = async () => {
      const { callDigest, shownDigest } = (await look(ana, held.id)).json;
      last = shownDigest;
      return (await answer(ana, held.id, { callDigest, shownDigest })).status;
    };
    await expect.poll(lookAndAnswer).toBe(200);
    expect(await end(held.id)).toMatchObject({ state: "done" });
    const { approvals } = await receipt(held.id);
    expect(approvals.shown).toMatchObject([{ shownDigest: last }]);
    expect(JSON.stringify(approvals.shown[0].document.before)).toContain("something else");
  });

  it("and stands while another approver answers: two can look at the same time", async () => {
    const text = rulesNow();
    await put(text.replace("count: 1", "count: 2"));
    const held = await write("same-time.md");
    const seen = (await look(bo, held.id)).json;
    expect(await answer(ana, held.id)).toMatchObject({ status: 200 });
    await expect.poll(async () => (await look(cy, held.id)).json.requirements[0].sentence).toContain("(1 given)");
    const { callDigest, shownDigest } = seen;
    const body = { verdict: "approve", callDigest, shownDigest, reason: "" };
    const second = await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key: keys.get(bo) ?? "", body });
    expect(second).toMatchObject({ status: 200 });
    expect(await end(held.id)).toMatchObject({ state: "done" });
    const { approvals } = await receipt(held.id);
    expect(approvals.answers.map((one: { shownDigest: string }) => one.shownDigest)).toEqual([
      shownDigest,
      shownDigest,
    ]);
    expect(approvals.shown).toMatchObject([{ shownDigest }]);
    await put(text);
  });
});
