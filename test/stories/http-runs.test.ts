import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const dee = "dee@acme.example";
let plane: TestPlane;
let scribe: string;
let run: string;
let written: string;
let refused: string;
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
  const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${written}`, { key })).json;
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
