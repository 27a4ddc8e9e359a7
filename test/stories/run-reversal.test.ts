import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

/** A workflow that asks nobody: what is held here is held for what changed, or for the DRI. */
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
  - files.create_directory
  - files.move_file
  - git.git_log
  - git.git_status
  - git.git_add
  - git.git_commit
  - git.git_reset
  - memory.open_nodes
  - memory.create_entities
  - memory.delete_entities
budget: { calls: { perMinute: 1000 } }
`;

let plane: TestPlane;
let agent: string;
let repository: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({ edit: { "workflows/docs-upkeep.yaml": () => workflow } });
  for (const email of [ana, bo, cy]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  repository = join(plane.folder, "sandbox/repo");
  mkdirSync(repository);
  git("init", "-q", "-b", "main");
  writeFileSync(join(repository, "first"), "first\n");
  git("add", ".");
  git("commit", "-qm", "first");
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

async function open(parent?: string): Promise<string> {
  const body = { agent: "scribe", task: "bring the pages up to date", ...(parent === undefined ? {} : { parent }) };
  return (await plane.call("POST", "/v1/runs", { ...as(ana), body })).json.id;
}

async function act(run: string, server: string, tool: string, args: object): Promise<string> {
  const body = { server, tool, arguments: args, run };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json, JSON.stringify(json)).toMatchObject({ state: "done" });
  return json.id;
}

const write = (run: string, name: string, content: string) =>
  act(run, "files", "write_file", { path: page(name), content });
const preview = async (run: string, query = "", email = ana) =>
  plane.call("GET", `/v1/runs/${run}/reverse${query}`, as(email));
const reverse = async (run: string, more: object = {}, email = ana) =>
  plane.call("POST", `/v1/runs/${run}/reverse`, { ...as(email), body: { reason: "it was the wrong brief", ...more } });
const reversal = async (run: string) => (await plane.call("GET", `/v1/runs/${run}/reversal`, as(bo))).json;

/** Until it stands so. */
const standing = (run: string, state: string) =>
  until(async () => {
    const now = await reversal(run);
    return now.state === state ? now : undefined;
  });

async function answer(email: string, id: string, verdict: "approve" | "deny") {
  const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${id}`, as(email))).json;
  const body = { verdict, callDigest, shownDigest, reason: "because" };
  const { status, json } = await plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
  expect(status, JSON.stringify(json)).toBe(200);
}

describe("MT-256 a run over files, git and memory", () => {
  let run: string;
  let deeds: string[];
  let head: string;
  beforeAll(async () => {
    run = await open();
    writeFileSync(page("one.md"), "old\n");
    head = git("rev-parse", "HEAD");
    writeFileSync(join(repository, "second"), "second\n");
    deeds = [
      await write(run, "one.md", "first\n"),
      await write(run, "one.md", "second\n"),
      await act(run, "memory", "create_entities", {
        entities: [{ name: "brief", entityType: "thing", observations: ["one"] }],
      }),
      await act(run, "git", "git_add", { path: repository, paths: ["second"] }),
      await act(run, "git", "git_commit", { path: repository, message: "second" }),
    ];
    await act(run, "files", "read_text_file", { path: page("one.md") });
  });

  it("is shown with each undo, what came last first, and nothing is done", async () => {
    const { json } = await preview(run);
    expect(json.lines.map(({ deed }: { deed: string }) => deed)).toEqual(deeds.toReversed());
    expect(json).toMatchObject({ undo: 5, left: 0, open: 0, reversed: 0 });
    // What nothing came after is looked at again; of an earlier one only the later undo would tell.
    expect(json.lines.map(({ changed }: { changed?: boolean }) => changed)).toEqual([
      false,
      undefined,
      false,
      false,
      undefined,
    ]);
    expect(text("one.md")).toBe("second\n");
    expect((await plane.call("GET", `/v1/runs/${run}/reversal`, as(ana))).status).toBe(404);
  });

  it("comes in pages of the same order", async () => {
    const first = (await preview(run, "?limit=2")).json;
    expect(first.lines).toHaveLength(2);
    const second = (await preview(run, `?limit=200&cursor=${first.next}`)).json;
    expect(second.lines.map(({ deed }: { deed: string }) => deed)).toEqual(deeds.toReversed().slice(2));
    expect(second.next).toBeUndefined();
  });

  it("is undone in opposite order, each undo an action of its own, linked both ways", async () => {
    const asked = await reverse(run);
    expect(asked.status).toBe(202);
    const ended = await standing(run, "ended");
    expect(ended).toMatchObject({ total: 5, done: 5, left: 0, by: ana, waitsFor: null });
    expect(text("one.md")).toBe("old\n");
    expect(git("rev-parse", "HEAD")).toBe(head);
    const steps = ended.steps as { readonly deed: string; readonly undo: string }[];
    expect(steps.map(({ deed }) => deed)).toEqual(deeds.toReversed());
    const undos = steps.map(({ undo }) => undo);
    expect(undos).toEqual(undos.toSorted());
    for (const { deed, undo } of steps) {
      const { json } = await plane.call("GET", `/v1/actions/${deed}`, as(ana));
      expect(json).toMatchObject({ state: "reversed", reversedBy: undo });
      expect((await plane.call("GET", `/v1/actions/${undo}`, as(ana))).json).toMatchObject({
        state: "done",
        reverses: deed,
      });
    }
    expect((await plane.call("GET", `/v1/runs/${run}`, as(ana))).json.reversal).toMatchObject({
      state: "ended",
      done: 5,
    });
  });

  it("is reversed once: there is nothing to undo then, and the undos are no effects of it", async () => {
    const again = await reverse(run);
    expect(again.status).toBe(409);
    expect(again.json.detail).toContain("nothing in this run");
    expect((await preview(run)).json).toMatchObject({ undo: 0, reversed: 5 });
  });
});

describe("what cannot be undone", () => {
  it("stays, and so does what came before it to the same target, told beforehand; the rest is undone", async () => {
    const run = await open();
    writeFileSync(page("kept.md"), "old\n");
    writeFileSync(page("free.md"), "old\n");
    const folder = page("made");
    const free = await write(run, "free.md", "new\n");
    const made = await act(run, "files", "create_directory", { path: folder });
    const kept = await write(run, "kept.md", "new\n");
    const seen = (await preview(run, `?leave=${kept}`)).json;
    const fates = Object.fromEntries(seen.lines.map((line: { deed: string; fate: string }) => [line.deed, line.fate]));
    expect(fates[free]).toBe("undo");
    expect(fates[kept]).toBe("left");
    const way = seen.lines.find(({ deed }: { deed: string }) => deed === made);
    expect(way.fate).toBe("left");
    expect(way.sentence).toContain("cannot be reversed");
    await reverse(run, { leave: [kept] });
    const ended = await standing(run, "ended");
    expect(ended).toMatchObject({ total: 3, done: 1, left: 2 });
    expect(ended.sentence).toContain("2 stayed");
    expect([text("free.md"), text("kept.md"), existsSync(folder)]).toEqual(["old\n", "new\n", true]);
  });

  it("keeps the earlier write of a file whose later one is to stay", async () => {
    const run = await open();
    writeFileSync(page("twice.md"), "old\n");
    const first = await write(run, "twice.md", "first\n");
    const second = await write(run, "twice.md", "second\n");
    const seen = (await preview(run, `?leave=${second}`)).json;
    expect(seen.lines[1]).toMatchObject({ deed: first, fate: "left", by: second });
    const refused = await reverse(run, { leave: [second] });
    expect(refused.status).toBe(409);
    expect(text("twice.md")).toBe("second\n");
    expect((await preview(run, `?leave=act_${"0".repeat(26)}`)).status).toBe(400);
  });
});

describe("an undo that is held", () => {
  it("keeps what came before it until a person answered, and goes on without whoever asked", async () => {
    const run = await open();
    for (const name of ["a.md", "b.md"]) writeFileSync(page(name), "old\n");
    await write(run, "a.md", "new\n");
    const later = await write(run, "b.md", "new\n");
    appendFileSync(page("b.md"), "a person's line\n");
    expect((await preview(run)).json.lines[0]).toMatchObject({
      deed: later,
      changed: true,
      needs: [expect.any(String)],
    });
    await reverse(run);
    const waiting = await standing(run, "waiting");
    expect(waiting).toMatchObject({ done: 0, total: 2, waitsFor: { because: "held" } });
    expect(text("a.md")).toBe("new\n");
    // Asked again, by another person too, it is the same.
    expect((await reverse(run, {}, bo)).json).toMatchObject({ id: waiting.id, by: ana });
    await answer(bo, waiting.waitsFor.action, "approve");
    await standing(run, "ended");
    expect([text("a.md"), text("b.md")]).toEqual(["old\n", "old\n"]);
  });

  it("and denied stops the rest, which is told; asked again it asks again, or leaves it where that is said", async () => {
    const run = await open();
    for (const name of ["c.md", "d.md"]) writeFileSync(page(name), "old\n");
    await write(run, "c.md", "new\n");
    const later = await write(run, "d.md", "new\n");
    appendFileSync(page("d.md"), "a person's line\n");
    await reverse(run);
    const { id, waitsFor } = await standing(run, "waiting");
    await answer(bo, waitsFor.action, "deny");
    const stopped = await standing(run, "stopped");
    expect(stopped).toMatchObject({ id, done: 0, waitsFor: { because: "refused", action: waitsFor.action } });
    expect(text("c.md")).toBe("new\n");
    await reverse(run);
    const again = await standing(run, "waiting");
    expect(again.id).toBe(id);
    expect(again.waitsFor.action).not.toBe(waitsFor.action);
    await answer(bo, again.waitsFor.action, "deny");
    await standing(run, "stopped");
    await reverse(run, { leave: [later] });
    expect(await standing(run, "ended")).toMatchObject({ id, done: 1, left: 1 });
    expect([text("c.md"), text("d.md")]).toEqual(["old\n", "new\na person's line\n"]);
  });
});

it("what the run does meanwhile stops it, and is undone first where somebody asks again", async () => {
  const run = await open();
  for (const name of ["e.md", "f.md"]) writeFileSync(page(name), "old\n");
  await write(run, "e.md", "new\n");
  await write(run, "f.md", "new\n");
  appendFileSync(page("f.md"), "a person's line\n");
  await reverse(run);
  const { waitsFor } = await standing(run, "waiting");
  await write(run, "e.md", "newer\n");
  await answer(bo, waitsFor.action, "approve");
  const stopped = await standing(run, "stopped");
  expect(stopped).toMatchObject({ done: 1, total: 2, waitsFor: { because: "arrived" } });
  expect(stopped.sentence).toContain("1 more came since");
  expect(text("e.md")).toBe("newer\n");
  await reverse(run);
  expect(await standing(run, "ended")).toMatchObject({ done: 3, total: 3 });
  expect(text("e.md")).toBe("old\n");
});

it("waits for what is still held in the run, which would come last", async () => {
  const run = await open();
  writeFileSync(page("g.md"), "old\n");
  await write(run, "g.md", "new\n");
  const body = {
    server: "files",
    tool: "move_file",
    arguments: { source: page("g.md"), destination: "/elsewhere/g.md" },
    run,
  };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json.state).toBe("refused");
  const first = await write(run, "g.md", "newer\n");
  appendFileSync(page("g.md"), "a person's line\n");
  // An undo of one action, asked for by itself, waits in the same run: it is no effect, and is taken for the undo of it.
  const alone = await plane.call("POST", `/v1/actions/${first}/reverse`, { ...as(ana), body: { reason: "not so" } });
  expect(alone.json.state).toBe("held");
  expect((await preview(run)).json.lines).toHaveLength(2);
  await reverse(run);
  const waiting = await standing(run, "waiting");
  expect(waiting.waitsFor).toMatchObject({ because: "held", action: alone.json.id });
  await answer(bo, alone.json.id, "approve");
  expect(await standing(run, "ended")).toMatchObject({ done: 2, total: 2 });
  expect(text("g.md")).toBe("old\n");
});

it("undoes what an undone undo brought back", async () => {
  const run = await open();
  writeFileSync(page("o.md"), "old\n");
  const first = await write(run, "o.md", "new\n");
  const undo = async (id: string) =>
    (await plane.call("POST", `/v1/actions/${id}/reverse`, { ...as(ana), body: { reason: "not so" } })).json;
  const back = await undo(first);
  expect(back.state).toBe("done");
  const again = await undo(back.id);
  expect([again.state, text("o.md")]).toEqual(["done", "new\n"]);
  const { lines } = (await preview(run)).json;
  expect(lines).toMatchObject([
    { deed: again.id, fate: "undo" },
    { deed: first, fate: "reversed", by: back.id },
  ]);
  await reverse(run);
  expect(await standing(run, "ended")).toMatchObject({ done: 1, total: 1 });
  expect(text("o.md")).toBe("old\n");
});

it("takes runs under it where that is asked for, in one order", async () => {
  const parent = await open();
  const child = await open(parent);
  writeFileSync(page("h.md"), "old\n");
  const deeds = [
    await write(parent, "h.md", "1\n"),
    await write(child, "h.md", "2\n"),
    await write(parent, "h.md", "3\n"),
  ];
  expect((await preview(parent)).json.lines).toHaveLength(2);
  const seen = (await preview(parent, "?children=true")).json;
  expect(seen.lines.map(({ deed }: { deed: string }) => deed)).toEqual(deeds.toReversed());
  await reverse(parent, { children: true });
  const ended = await standing(child, "ended");
  expect(ended).toMatchObject({ run: parent, runs: [parent, child], done: 3 });
  expect(text("h.md")).toBe("old\n");
});

it("is for whoever may reverse, and two who press at once begin one", async () => {
  const run = await open();
  writeFileSync(page("i.md"), "old\n");
  await write(run, "i.md", "new\n");
  for (const ask of [preview(run, "", cy), reverse(run, {}, cy)]) expect((await ask).status).toBe(403);
  expect((await plane.call("POST", `/v1/runs/${run}/reverse`, { key: agent, body: { reason: "x" } })).status).toBe(403);
  expect((await preview(`run_${"0".repeat(26)}`)).status).toBe(404);
  const asked = await Promise.all([ana, bo, ana, bo].map((email) => reverse(run, {}, email)));
  expect(new Set(asked.map(({ json }) => json.id)).size).toBe(1);
  await standing(run, "ended");
  const actions = "select subject from entry where run = $1 and step = 0 and subject like 'act_%'";
  expect((await plane.database.owner.query(actions, [run])).rows).toHaveLength(2);
  expect(text("i.md")).toBe("old\n");
});

it("under a stop stops with the refusal, and goes on where somebody asks again once it is lifted", async () => {
  const run = await open();
  writeFileSync(page("j.md"), "old\n");
  await write(run, "j.md", "new\n");
  const { json } = await plane.call("POST", "/v1/stops", {
    ...as(ana),
    body: { scope: "agent", name: "scribe", reason: "look first" },
  });
  expect((await preview(run)).json.lines[0]).toMatchObject({
    fate: "refused",
    sentence: expect.stringContaining("stopped"),
  });
  await reverse(run);
  expect(await standing(run, "stopped")).toMatchObject({ waitsFor: { because: "refused" } });
  expect(text("j.md")).toBe("new\n");
  await plane.call("POST", `/v1/stops/${json.stop.id}/lift`, { ...as(bo), body: { reason: "looked" } });
  await reverse(run);
  await standing(run, "ended");
  expect(text("j.md")).toBe("old\n");
});

it("MT-256 is given up by who may reverse: the undo that waits is cancelled, the rest stays, and another begins anew", async () => {
  const run = await open();
  for (const name of ["p.md", "q.md"]) writeFileSync(page(name), "old\n");
  await write(run, "p.md", "new\n");
  await write(run, "q.md", "new\n");
  appendFileSync(page("q.md"), "a person's line\n");
  const giveUp = (key: string) =>
    plane.call("POST", `/v1/runs/${run}/reversal/give-up`, { key, body: { reason: "the pages are right after all" } });
  const mine = keys.get(bo) ?? "";
  expect((await giveUp(mine)).status).toBe(404);
  await reverse(run);
  const { id, waitsFor } = await standing(run, "waiting");
  for (const key of [keys.get(cy) ?? "", agent]) {
    const refused = await giveUp(key);
    expect([refused.status, refused.json.code]).toEqual([403, "forbidden"]);
  }
  expect((await giveUp(mine)).json).toMatchObject({ id, state: "given-up", done: 0, left: 2, givenUpBy: bo });
  expect((await giveUp(mine)).json).toMatchObject({ id, state: "given-up" });
  expect((await plane.call("GET", `/v1/actions/${waitsFor.action}`, as(ana))).json).toMatchObject({
    state: "refused",
    refusal: "cancelled",
    sentence: expect.stringContaining("the pages are right after all"),
  });
  expect((await plane.call("GET", `/v1/runs/${run}`, as(ana))).json.reversal.state).toBe("given-up");
  await reverse(run);
  const next = await standing(run, "waiting");
  expect(next.id).not.toBe(id);
  await answer(bo, next.waitsFor.action, "approve");
  expect(await standing(run, "ended")).toMatchObject({ id: next.id, done: 2, total: 2 });
  expect([text("p.md"), text("q.md")]).toEqual(["old\n", "old\n"]);
  const late = await giveUp(mine);
  expect([late.status, late.json.code]).toEqual([409, "conflict"]);
});

describe("by command line", () => {
  const inEnv = (email: string) => ({ env: { COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: keys.get(email) ?? "" } });
  const cli = openTestCli();
  afterAll(() => cli.close());
  const command = (email: string, ...args: string[]) => cli.run(["reverse", ...args], inEnv(email));

  it("shows first, then tells each step, and ends with 0 where all of it was undone", async () => {
    const run = await open();
    for (const name of ["k.md", "l.md"]) writeFileSync(page(name), "old\n");
    const deeds = [await write(run, "k.md", "new\n"), await write(run, "l.md", "new\n")];
    const shown = await command(ana, "--run", run, "--dry-run");
    expect(shown.exit).toBe(0);
    expect(shown.stdout).toContain("nothing was done: 2 can be undone, 0 not, 0 were already");
    expect(text("k.md")).toBe("new\n");
    const done = await command(ana, "--run", run, "--reason", "it was the wrong brief");
    expect(done).toMatchObject({ exit: 0, stdout: "it ended, 2 of 2 undone\n" });
    const told = done.stderr.trim().split("\n");
    expect(told.map((one) => one.split(/ +/)[1])).toEqual(deeds.toReversed());
    expect(told.every((one) => one.startsWith("undone "))).toBe(true);
    expect(text("k.md")).toBe("old\n");
    expect((await cli.run(["runs", "show", run], inEnv(ana))).stdout).toContain(
      "its reversal: it ended, 2 of 2 undone",
    );
    expect((await command(ana, "--run", run, "--reason", "again")).exit).toBe(6);
  });

  it("ends with 1 where something stays, also of what it only shows; as JSON with every step", async () => {
    const run = await open();
    writeFileSync(page("m.md"), "old\n");
    await write(run, "m.md", "new\n");
    await act(run, "files", "create_directory", { path: page("made-too") });
    const shown = await command(ana, "--run", run, "--dry-run", "--json");
    expect(shown).toMatchObject({ exit: 1, json: { undo: 1, left: 1 } });
    const done = await command(ana, "--run", run, "--reason", "r", "--json");
    expect(done).toMatchObject({ exit: 1, stderr: "", json: { state: "ended", done: 1, left: 1 } });
    expect(done.json.steps.map(({ state }: { state: string }) => state)).toEqual(["left", "done"]);
  });

  it("ends with 0 where it waits for a person, whom it names, and with 3 where the undo is refused", async () => {
    const run = await open();
    writeFileSync(page("n.md"), "old\n");
    await write(run, "n.md", "new\n");
    appendFileSync(page("n.md"), "a person's line\n");
    const waits = await command(ana, "--run", run, "--reason", "r");
    expect(waits.exit).toBe(0);
    expect(waits.stdout).toContain(`waits: ${"an approval from"}`);
    expect(waits.stdout).toContain("it goes on by itself once that is over");
    await answer(bo, (await reversal(run)).waitsFor.action, "deny");
    await standing(run, "stopped");
    const stop = { scope: "agent", name: "scribe", reason: "look first" };
    const { json } = await plane.call("POST", "/v1/stops", { ...as(ana), body: stop });
    const stopped = await command(ana, "--run", run, "--reason", "r");
    expect(stopped.exit).toBe(3);
    expect(stopped.stdout).toContain("was refused: stopped by ana@acme.example: look first");
    await plane.call("POST", `/v1/stops/${json.stop.id}/lift`, { ...as(bo), body: { reason: "looked" } });
  });

  it("gives it up with 0 and what stays, the same again, and as JSON", async () => {
    const run = await open();
    for (const name of ["r.md", "s.md"]) writeFileSync(page(name), "old\n");
    await write(run, "r.md", "new\n");
    await write(run, "s.md", "new\n");
    appendFileSync(page("s.md"), "a person's line\n");
    await command(ana, "--run", run, "--reason", "r");
    const given = await command(bo, "--run", run, "--give-up", "--reason", "they are right");
    expect(given).toMatchObject({ exit: 0, stdout: `${bo} gave it up, 0 of 2 undone; 2 stayed\n` });
    expect((await command(bo, "--run", run, "--give-up", "--reason", "again")).stdout).toBe(given.stdout);
    expect((await command(cy, "--run", run, "--give-up", "--reason", "r")).exit).toBe(4);
    const { json } = await command(bo, "--run", run, "--give-up", "--reason", "r", "--json");
    expect(json).toMatchObject({ state: "given-up", steps: [{ state: "left" }, { state: "left" }] });
  });

  it("takes an action or a run, and a reason where something is to be done", async () => {
    for (const args of [
      [],
      ["act_x", "--run", "run_x"],
      ["--run", "run_x"],
      ["act_x", "--reason", "r", "--dry-run"],
      ["act_x", "--reason", "r", "--give-up"],
      ["--run", "run_x", "--give-up"],
      ["--run", "run_x", "--give-up", "--children", "--reason", "r"],
    ])
      expect((await command(ana, ...args)).exit, args.join(" ")).toBe(2);
  });
});
