import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

/** A workflow that asks nobody before these: what is held here is held for what changed. */
const workflow = `workflow: docs-upkeep
purpose: keep the pages in the sandbox true
dri: ${ana}
deputy: ${bo}
pattern: autonomous-nonprod
agents: [scribe]
tier: 2
allow:
  - files.read_text_file
  - files.write_file
  - files.edit_file
  - files.move_file
  - git.git_log
  - git.git_status
  - git.git_add
  - git.git_commit
  - git.git_merge
  - git.git_reset
  - memory.open_nodes
  - memory.create_entities
  - memory.delete_entities
`;

let plane: TestPlane;
let agent: string;
let repository: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({ edit: { "workflows/docs-upkeep.yaml": () => workflow } });
  for (const email of [ana, bo]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  repository = join(plane.folder, "sandbox/repo");
  mkdirSync(repository);
  git("init", "-q", "-b", "main");
  commit("first");
});
afterAll(async () => plane?.close());

const page = (name: string) => join(plane.folder, "sandbox/pages", name);
const text = (name: string) => readFileSync(page(name), "utf8");
const as = (email: string) => ({ key: keys.get(email) ?? "" });
const git = (...args: string[]) =>
  execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@acme.example", ...args], {
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null" },
    encoding: "utf8",
  }).trim();
const head = () => git("rev-parse", "HEAD");

function commit(name: string): void {
  writeFileSync(join(repository, name), `${name}\n`);
  git("add", ".");
  git("commit", "-qm", name);
}

async function act(server: string, tool: string, args: object): Promise<string> {
  const body = { server, tool, arguments: args };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json, JSON.stringify(json)).toMatchObject({ state: "done" });
  return json.id;
}

const reverse = async (id: string, key = agent) =>
  (await plane.call("POST", `/v1/actions/${id}/reverse`, { key, body: { reason: "the old one was right" } })).json;
const shownTo = async (email: string, id: string) => (await plane.call("GET", `/v1/approvals/${id}`, as(email))).json;
const stateOf = async (id: string) =>
  (await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key: agent })).json.state;

async function answer(email: string, id: string, verdict: "approve" | "deny") {
  const { callDigest, shownDigest } = await shownTo(email, id);
  const body = { verdict, callDigest, shownDigest, reason: "because" };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
}

/** The undo waits for the DRI, and says why. */
async function expectAsked(undo: { readonly id: string; readonly state: string; readonly sentence: string }) {
  expect(undo).toMatchObject({ state: "held" });
  expect(undo.sentence).toContain("since what it would undo changed, or nobody can tell");
  const shown = await shownTo(bo, undo.id);
  expect(shown.requirements).toMatchObject([{ kind: "approval", policy: "undo-changed", from: "dri" }]);
  expect(shown.risk.level).toBe("high");
  expect(shown.risk.words[0].word).toBe("changed since");
}

describe("an undo of a file's text", () => {
  it("asks nobody where nothing happened since", async () => {
    writeFileSync(page("same.md"), "old\n");
    const deed = await act("files", "write_file", { path: page("same.md"), content: "new\n" });
    expect(await reverse(deed)).toMatchObject({ state: "done" });
    expect(text("same.md")).toBe("old\n");
    const edits = [{ oldText: "old", newText: "edited" }];
    const edit = await act("files", "edit_file", { path: page("same.md"), edits });
    expect(text("same.md")).toBe("edited\n");
    expect(await reverse(edit)).toMatchObject({ state: "done" });
    expect(text("same.md")).toBe("old\n");
  });

  it("waits for the DRI where somebody wrote since, and takes their work away only after a yes", async () => {
    for (const [tool, args] of [
      ["write_file", { content: "new\n" }],
      ["edit_file", { edits: [{ oldText: "old", newText: "new" }] }],
    ] as const) {
      writeFileSync(page("later.md"), "old\n");
      const deed = await act("files", tool, { path: page("later.md"), ...args });
      appendFileSync(page("later.md"), "a person's line\n");
      const denied = await reverse(deed);
      await expectAsked(denied);
      expect(text("later.md")).toBe("new\na person's line\n");
      expect(await answer(ana, denied.id, "deny")).toMatchObject({ status: 200 });
      expect(await stateOf(denied.id)).toBe("refused");
      expect(text("later.md")).toBe("new\na person's line\n");
      const again = await reverse(deed);
      await expectAsked(again);
      expect(await answer(ana, again.id, "approve")).toMatchObject({ status: 200 });
      expect(await stateOf(again.id)).toBe("done");
      expect(text("later.md")).toBe("old\n");
    }
  });

  it("does not take a yes that was given to another state", async () => {
    writeFileSync(page("moving.md"), "old\n");
    const deed = await act("files", "write_file", { path: page("moving.md"), content: "new\n" });
    appendFileSync(page("moving.md"), "one\n");
    const { id } = await reverse(deed);
    const { callDigest, shownDigest } = await shownTo(ana, id);
    appendFileSync(page("moving.md"), "two\n");
    const body = { verdict: "approve", callDigest, shownDigest, reason: "because" };
    expect(await plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(ana), body })).toMatchObject({ status: 409 });
    expect(text("moving.md")).toBe("new\none\ntwo\n");
  });

  it("waits where the target cannot be read any more, also when a person asks, who may not say yes to it", async () => {
    writeFileSync(page("gone.md"), "old\n");
    const deed = await act("files", "write_file", { path: page("gone.md"), content: "new\n" });
    rmSync(page("gone.md"));
    const undo = await reverse(deed, keys.get(ana));
    expect(undo).toMatchObject({ state: "held", sentence: expect.stringContaining("nobody can tell") });
    expect((await answer(ana, undo.id, "approve")).status).not.toBe(200);
    expect(await answer(bo, undo.id, "deny")).toMatchObject({ status: 200 });
  });

  it("of a move that its server refused does not move what is somebody else's", async () => {
    writeFileSync(page("mine.md"), "mine\n");
    writeFileSync(page("theirs.md"), "theirs, and longer\n");
    const deed = await act("files", "move_file", { source: page("mine.md"), destination: page("theirs.md") });
    rmSync(page("mine.md"));
    await expectAsked(await reverse(deed));
    expect(text("theirs.md")).toBe("theirs, and longer\n");
    writeFileSync(page("here.md"), "here\n");
    const moved = await act("files", "move_file", { source: page("here.md"), destination: page("there.md") });
    expect(await reverse(moved)).toMatchObject({ state: "done" });
    expect(text("here.md")).toBe("here\n");
  });
});

describe("an undo of a commit", () => {
  const change = async (name: string) => {
    writeFileSync(join(repository, name), `${name}\n`);
    await act("git", "git_add", { path: repository, paths: [name] });
    return act("git", "git_commit", { path: repository, message: name });
  };

  it("asks nobody where it is the last one", async () => {
    const before = head();
    const deed = await change("last");
    expect(await reverse(deed)).toMatchObject({ state: "done" });
    expect(head()).toBe(before);
    git("reset", "-q", "--hard");
  });

  it("waits where others were made since, each of which voids a yes to fewer", async () => {
    const before = head();
    const deed = await change("mine");
    commit("theirs");
    const undo = await reverse(deed);
    await expectAsked(undo);
    const { callDigest, shownDigest } = await shownTo(ana, undo.id);
    commit("theirs-too");
    const later = head();
    const body = { verdict: "approve", callDigest, shownDigest, reason: "because" };
    const missed = await plane.call("POST", `/v1/approvals/${undo.id}/answer`, { ...as(ana), body });
    expect(missed.status).toBe(409);
    expect(head()).toBe(later);
    expect(await answer(ana, undo.id, "approve")).toMatchObject({ status: 200 });
    expect(await stateOf(undo.id)).toBe("done");
    expect(head()).toBe(before);
    git("reset", "-q", "--hard");
  });

  it("and of a merge always waits: nothing tells what it led to", async () => {
    git("checkout", "-qb", "side");
    commit("aside");
    git("checkout", "-q", "main");
    const deed = await act("git", "git_merge", { path: repository, branch: "side" });
    await expectAsked(await reverse(deed));
  });
});

it("an undo of entities waits where others wrote in them since", async () => {
  const create = (name: string) =>
    act("memory", "create_entities", { entities: [{ name, entityType: "thing", observations: ["one"] }] });
  expect(await reverse(await create("alone"))).toMatchObject({ state: "done" });
  const deed = await create("shared");
  const file = join(plane.folder, "sandbox/memory.jsonl");
  writeFileSync(file, readFileSync(file, "utf8").replace('"one"', '"one","of somebody else"'));
  await expectAsked(await reverse(deed));
  expect(readFileSync(file, "utf8")).toContain("of somebody else");
});
