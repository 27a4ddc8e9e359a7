import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonical, type Shown, shownDocument } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

/** An approver whom nobody asks, and who may not read what is private. */
const dee = "dee@acme.example";

let plane: TestPlane;
let agent: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        `${text.replace("\ngroups:", `\n  - { email: ${dee}, name: Dee, roles: [approver] }\n\ngroups:`)}\napprovals:\n  canaries: { share: 0% }\n`,
    },
  });
  for (const email of [ana, bo, cy, dee]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string) => join(plane.folder, "sandbox/pages", name);
const as = (email: string) => ({ key: keys.get(email) ?? "" });
const get = async (email: string, path: string) => (await plane.call("GET", path, as(email))).json;
const ids = (json: { approvals: readonly { id: string }[] }) => json.approvals.map(({ id }) => id);

async function submit(tool: string, args: object): Promise<string> {
  const body = { server: "files", tool, arguments: args };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json).toMatchObject({ state: "held" });
  return json.id;
}
const write = (name: string, content = "text") => submit("write_file", { path: page(name), content });

async function answer(email: string, id: string, verdict: "approve" | "deny" = "approve", more: object = {}) {
  const { callDigest, shownDigest } = await get(email, `/v1/approvals/${id}`);
  const body = { verdict, callDigest, shownDigest, reason: "because", ...more };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
}
const end = async (id: string) => (await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key: agent })).json;

describe("what an approver is shown", () => {
  it("is the difference of the target, how it is undone, why they are asked and what would be enough", async () => {
    writeFileSync(page("shown.md"), "one\ntwo\nthree\n");
    const id = await write("shown.md", "one\n2\nthree\nfour\n");
    const shown = await get(bo, `/v1/approvals/${id}`);
    expect(shown.effect).toEqual({
      known: true,
      sentence: "3 lines of content: 2 added, 1 removed",
      changes: [
        { kind: "text", at: "content", added: 2, removed: 1, lines: ["  one", "- two", "+ 2", "  three", "+ four"] },
      ],
      beside: [],
    });
    expect(shown.reach).toEqual({ counts: { objects: 1 }, sentence: "1 object" });
    expect(shown.undo).toMatchObject({ kind: "inverse", sentence: "writes the text that the file held before" });
    expect(shown.why).toMatchObject({
      sentence: "enough would be one approval from group `editors`",
      questions: [
        {
          from: "editors",
          count: 1,
          answered: [],
          missing: 1,
          may: [{ person: ana, name: "Ana", free: true }, { person: bo }],
        },
      ],
    });
    expect(shown.flow.sentence).toContain("nobody opened its run with a task");
    const words = shown.risk.words.map(({ word }: { word: string }) => word);
    expect([shown.risk.level, ...words]).toEqual(["medium", "destructive", "first time this target"]);
    await answer(bo, id, "deny");
  });

  it("is bound: risk, reach and flow are in the document whose digest is answered, and the receipt makes it again", async () => {
    writeFileSync(page("bound.md"), "a\n");
    const id = await write("bound.md", "b\n");
    const shown = await get(bo, `/v1/approvals/${id}`);
    const digestOf = (open: Shown) =>
      `sha256:${createHash("sha256")
        .update(canonical(shownDocument(open)))
        .digest("hex")}`;
    expect(digestOf(shown)).toBe(shown.shownDigest);
    for (const other of [
      { ...shown, risk: { ...shown.risk, level: "low" } },
      { ...shown, reach: { counts: { objects: 2 } } },
      { ...shown, flow: { ...shown.flow, tainted: false } },
    ])
      expect(digestOf(other)).not.toBe(shown.shownDigest);
    expect(await answer(bo, id)).toMatchObject({ status: 200 });
    expect(await end(id)).toMatchObject({ state: "done" });
    const { approvals } = await get(ana, `/v1/receipts/${id}`);
    expect(approvals.shown).toMatchObject([
      { shownDigest: shown.shownDigest, document: { v: 2, risk: shown.risk, touched: { objects: 1 } } },
    ]);
  });

  it("is what edits make of the text, and says so where it is not known: a new file cannot be taken back", async () => {
    writeFileSync(page("edited.md"), "one\n");
    const edit = await submit("edit_file", { path: page("edited.md"), edits: [{ oldText: "one", newText: "two" }] });
    expect((await get(bo, `/v1/approvals/${edit}`)).effect).toMatchObject({
      known: true,
      sentence: "2 lines of content: 1 added, 1 removed",
      changes: [{ lines: ["- one", "+ two"] }],
      beside: [],
    });
    const fresh = await write("fresh.md");
    const shown = await get(bo, `/v1/approvals/${fresh}`);
    expect(shown.effect.reason).toContain("the difference is not known: what was there before could not be read");
    expect(shown).toMatchObject({
      undo: { kind: "irreversible", until: null, lastWorked: null },
      risk: { level: "high" },
    });
    for (const id of [edit, fresh]) await answer(bo, id, "deny");
  });

  it("withholds effect, arguments and what the run has read from who may not see them", async () => {
    writeFileSync(page("private.md"), "old secret plan\n");
    const id = await write("private.md", "new secret plan\n");
    const theirs = await get(dee, `/v1/approvals/${id}`);
    expect(JSON.stringify(theirs)).not.toContain("secret plan");
    for (const member of ["effect", "args", "before", "plan", "flow", "shownDigest"])
      expect(theirs).not.toHaveProperty(member);
    expect(theirs).toMatchObject({ yours: false, risk: { level: "medium" }, undo: { kind: "inverse" } });
    // An auditor may read it.
    expect(JSON.stringify((await get(cy, `/v1/approvals/${id}`)).effect)).toContain("secret plan");
    const { approvals } = await get(cy, "/v1/approvals");
    const line = approvals.find((one: { id: string }) => one.id === id);
    expect(JSON.stringify(line)).not.toContain("secret plan");
    expect(line).toMatchObject({ yours: false, risk: { level: "medium" }, expiresAt: expect.any(String) });
    await answer(bo, id, "deny");
  });
});

describe("the list of what waits", () => {
  it("begins with the highest risk, and pages without leaving out or repeating while it changes", async () => {
    mkdirSync(page("list"), { recursive: true });
    for (const name of ["m1", "m2", "m3"]) writeFileSync(page(`list/${name}.md`), "old\n");
    const medium = [await write("list/m1.md"), await write("list/m2.md"), await write("list/m3.md")];
    const high = [await write("list/h1.md"), await write("list/h2.md"), await write("list/h3.md")];
    expect(ids(await get(bo, "/v1/approvals"))).toEqual([...high, ...medium]);
    expect(ids(await get(bo, "/v1/approvals?order=time"))).toEqual([...medium, ...high]);
    const first = await get(bo, "/v1/approvals?limit=2");
    expect(ids(first)).toEqual(high.slice(0, 2));
    // The one that the page ended with goes, and others come on both sides of the place.
    await answer(bo, high[1] ?? "", "deny");
    const late = await write("list/h4.md");
    writeFileSync(page("list/m4.md"), "old\n");
    const last = await write("list/m4.md");
    const second = await get(bo, `/v1/approvals?limit=2&cursor=${first.next}`);
    const third = await get(bo, `/v1/approvals?limit=200&cursor=${second.next}`);
    expect([...ids(second), ...ids(third)]).toEqual([high[2], late, ...medium, last]);
    expect(third.next).toBeUndefined();
    for (const bad of ["abc", second.next.slice(3), first.next.replace(/^./, "Z")])
      expect((await plane.call("GET", `/v1/approvals?cursor=${bad}`, as(bo))).status).toBe(400);
    expect((await plane.call("GET", `/v1/approvals?order=time&cursor=${first.next}`, as(bo))).status).toBe(400);
    expect(ids(await get(bo, "/v1/approvals?risk=medium"))).toEqual([...medium, last]);
    expect(
      ids(await get(bo, "/v1/approvals?mine=true&tool=files.write_file&workflow=docs-upkeep&agent=scribe")),
    ).toHaveLength(7);
    expect(ids(await get(bo, "/v1/approvals?tool=files.edit_file"))).toEqual([]);
    expect(ids(await get(cy, "/v1/approvals?mine=true"))).toEqual([]);
    expect(ids(await get(cy, "/v1/approvals"))).toHaveLength(7);
    for (const id of [...medium, last, late, high[0] ?? "", high[2] ?? ""]) await answer(bo, id, "deny");
  });
});

describe("after the answer", () => {
  it("the approver is told how it ended: ran, denied, and undone again", async () => {
    writeFileSync(page("ended.md"), "before\n");
    const ran = await write("ended.md", "after\n");
    await answer(bo, ran, "approve", { dwellMs: 1 });
    expect(await end(ran)).toMatchObject({ state: "done" });
    const denied = await write("ended.md", "never\n");
    await answer(bo, denied, "deny");
    const { answers, next } = await get(bo, "/v1/answers?limit=2");
    expect(answers).toMatchObject([
      { action: denied, verdict: "deny", state: "refused", refusal: "denied", sentence: `denied by ${bo}: because` },
      {
        action: ran,
        verdict: "approve",
        dwellMs: 1,
        state: "done",
        sentence: "it ran once",
        receipt: `/v1/receipts/${ran}`,
      },
    ]);
    const rest = await get(bo, `/v1/answers?cursor=${next}`);
    expect(rest.answers.length).toBeGreaterThan(3);
    expect(rest.answers.map(({ action }: { action: string }) => action)).not.toContain(ran);
    expect((await get(cy, "/v1/answers")).answers).toEqual([]);

    const undo = await plane.call("POST", `/v1/actions/${ran}/reverse`, { ...as(ana), body: { reason: "a mistake" } });
    await answer(bo, undo.json.id);
    expect(await end(undo.json.id)).toMatchObject({ state: "done" });
    const later = (await get(bo, "/v1/answers")).answers.find(({ action }: { action: string }) => action === ran);
    expect(later).toMatchObject({ state: "reversed", reversedBy: undo.json.id });
    const again = await write("ended.md", "after\n");
    const shown = await get(bo, `/v1/approvals/${again}`);
    expect(shown.undo.lastWorked).toMatch(/^20/);
    await answer(bo, again, "deny");
  });
});
