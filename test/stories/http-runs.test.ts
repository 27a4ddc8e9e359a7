import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const dee = "dee@acme.example";
let plane: TestPlane;
let scribe: string;
let run: string;
let written: string;
let refused: string;
/** What people were told of the risk of what was written. */
let level: string;
const timeline = async (id: string, query = "") =>
  plane.call("GET", `/v1/runs/${id}/timeline${query}`, { key: await plane.person(dee) });

beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        text.replace(
          "groups:\n  editors:",
          `  - email: ${dee}\n    name: Dee\n    roles: [viewer]\n\ngroups:\n  editors:`,
        ),
    },
  });
  scribe = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const opened = { agent: "scribe", task: "write the page" };
  run = (await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body: opened })).json.id;
  const path = join(plane.folder, "sandbox", "page.md");
  const call = async (tool: string, args: object) =>
    (await plane.call("POST", "/v1/actions", { key: scribe, body: { server: "files", tool, arguments: args, run } }))
      .json;
  written = (await call("write_file", { path, content: "a page\n" })).id;
  refused = (await call("move_file", { source: path, destination: `${path}.old` })).id;
  const key = await plane.person(bo);
  const { callDigest, shownDigest, risk } = (await plane.call("GET", `/v1/approvals/${written}`, { key })).json;
  level = risk.level;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "it is right" };
  await plane.call("POST", `/v1/approvals/${written}/answer`, { key, body });
  await until(async () =>
    (await plane.call("GET", `/v1/actions/${written}`, { key })).json.state === "done" ? true : undefined,
  );
});
afterAll(async () => plane?.close());

it("runs are listed with how their actions ended", async () => {
  const { json } = await plane.call("GET", "/v1/runs?agent=scribe", { key: await plane.person(dee) });
  expect(json.runs).toHaveLength(1);
  expect(json.runs[0]).toMatchObject({ id: run, actions: 2, more: false, states: { done: 1, refused: 1 } });
});

it("actions and runs are narrowed by state, risk, target and period, and a period that is none is refused", async () => {
  const key = await plane.person(dee);
  const list = async (query: string, of = "actions") => (await plane.call("GET", `/v1/${of}?${query}`, { key })).json;
  const ids = async (query: string) => (await list(query)).actions.map(({ id }: { id: string }) => id);
  expect(await ids("state=refused")).toEqual([refused]);
  expect(await ids("target=page.md&state=done")).toEqual([written]);
  expect(await ids(`risk=${level}`)).toEqual([written]);
  expect(await ids(`risk=${level === "high" ? "low" : "high"}`)).toEqual([]);
  const { at } = (await list("state=refused")).actions[0];
  const day = at.slice(0, 10);
  expect((await ids(`since=2020-01-01&until=${day}`)).slice(0, 2)).toEqual([refused, written]);
  expect(await ids("until=2020-01-01")).toEqual([]);
  expect(await ids(`since=${encodeURIComponent(at)}`)).toEqual([refused]);
  expect((await list(`since=${encodeURIComponent(at)}`, "runs")).runs).toMatchObject([
    { id: run, actions: 1, more: true, states: { refused: 1 } },
  ]);
  expect((await list("until=2020-01-01", "runs")).runs).toEqual([]);
  for (const wrong of ["since=yesterday", "until=2026-02-30", "risk=huge", "state=denied", "target="])
    expect((await plane.call("GET", `/v1/actions?${wrong}`, { key })).status, wrong).toBe(400);
  // An agent that acts for several people is not told by guessing.
  for (const query of ["target=page.md", "risk=low"])
    expect((await plane.call("GET", `/v1/actions?${query}`, { key: scribe })).status).toBe(403);
});

it("a run's timeline tells every move with its moment, what was asked for and who answered, and nothing private", async () => {
  const { json, text } = await timeline(run);
  expect(json.actions.map(({ id }: { id: string }) => id)).toEqual([refused, written]);
  const [, page] = json.actions;
  expect(page).toMatchObject({ state: "done", tool: "files.write_file", effect: "allow", isError: false });
  expect(page.requires[0]).toContain("an approval from group `editors`");
  expect(page.moves.map(({ kind, person }: { kind: string; person: string | null }) => [kind, person])).toEqual([
    ["held", null],
    ["approved", bo],
    ["ready", null],
    ["intent", null],
    ["outcome", null],
  ]);
  expect(text).not.toContain("a page\\n");
  // The digest of the arguments is no more than the action says to the same person.
  const { argsDigest } = (await plane.call("GET", `/v1/actions/${written}`, { key: await plane.person(dee) })).json;
  expect(argsDigest).toMatch(/^sha256:/);
  expect(page.argsDigest).toBe(argsDigest);
  const first = await timeline(run, "?limit=1");
  expect(first.json.actions).toHaveLength(1);
  expect((await timeline(run, `?limit=1&cursor=${first.json.next}`)).json.actions[0].id).toBe(written);
  expect((await timeline(`run_${"0".repeat(26)}`)).status).toBe(404);
});

it("the conditions of a decision are told to whoever may see what is private: those that held, and the first that did not", async () => {
  const ask = async (id: string, email: string) =>
    plane.call("GET", `/v1/actions/${id}/conditions`, { key: await plane.person(email) });
  const { json } = await ask(written, cy);
  expect(json).toMatchObject({ effect: "allow", inForce: true, gone: [] });
  const [permit] = json.policies;
  expect(permit).toMatchObject({ policy: "docs-upkeep/ask/files.write_file", effect: "permit", determined: true });
  expect(permit.conditions.every(({ held }: { held: boolean }) => held)).toBe(true);
  const others = json.policies.filter(({ determined }: { determined: boolean }) => !determined);
  expect(others.length).toBeGreaterThan(3);
  for (const { conditions } of others) {
    const at = conditions.findIndex(({ held }: { held: boolean | null }) => held !== true);
    expect(conditions[at].held).toBe(false);
    expect(conditions.slice(at + 1).every(({ held }: { held: boolean | null }) => held === null)).toBe(true);
  }
  // The approval that it was held for is there, so the forbid that asked for it does not hold.
  const asked = others.find(({ policy }: { policy: string }) => policy === "docs-upkeep/approval/files.write_file");
  expect(asked.conditions.find(({ held }: { held: boolean }) => held === false).cure).toBe(true);
  expect((await ask(refused, ana)).json.policies[0]).toMatchObject({ effect: "forbid", determined: true });
  expect((await ask(written, dee)).status).toBe(403);
  expect((await ask(`act_${"0".repeat(26)}`, cy)).status).toBe(404);
});

it("the ledger says how far it is and which places outside hold it", async () => {
  const state = await until(async () => {
    const { json } = await plane.call("GET", "/v1/ledger/state", { key: await plane.person(dee) });
    return json.behind === 0 && json.sealed !== null ? json : undefined;
  });
  expect(state).toMatchObject({ origin: "localhost/countersign", alarm: null, timestamps: [] });
  expect(state.anchors).toHaveLength(1);
  expect(state.anchors[0]).toMatchObject({ fault: null });
  expect(state.anchors[0].size).toBeLessThanOrEqual(state.sealed.size);
});

it("a run is closed by its own agent or by who may open one, once, and takes no more calls, nor do those under it", async () => {
  const [bos, dees] = [await plane.person(bo), await plane.person(dee)];
  const open = async (key: string, body: object): Promise<string> =>
    (await plane.call("POST", "/v1/runs", { key, body })).json.id;
  const close = (id: string, key: string) => plane.call("POST", `/v1/runs/${id}/close`, { key });
  const read = (id: string) => {
    const path = join(plane.folder, "sandbox", "page.md");
    const body = { server: "files", tool: "read_text_file", arguments: { path }, run: id };
    return plane.call("POST", "/v1/actions", { key: scribe, body });
  };
  const theirs = await open(bos, { agent: "scribe", task: "look at the page" });
  const under = await open(scribe, { parent: theirs });
  expect((await read(under)).json).toMatchObject({ state: "done", run: under });
  expect((await close(theirs, dees)).status).toBe(403);
  const closed = await close(theirs, bos);
  expect(closed).toMatchObject({ status: 200, json: { id: theirs, closedAt: expect.any(String) } });
  expect((await close(theirs, bos)).json).toMatchObject({
    code: "conflict",
    detail: `run \`${theirs}\` is closed already`,
  });
  for (const id of [theirs, under]) expect((await read(id)).json).toMatchObject({ code: "conflict" });
  const view = (await plane.call("GET", `/v1/runs/${theirs}`, { key: bos })).json;
  expect(view.opened.closedAt).toBe(closed.json.closedAt);

  const own = await open(scribe, {});
  expect((await close(own, scribe)).status).toBe(200);
  expect((await read(own)).json).toMatchObject({ code: "conflict" });
  expect((await close("run_auto_0000000000000000000000", scribe)).status).toBe(404);
});
