import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ana, cy, openTestPlane, type TestPlane, until } from "../../../../../test/support/plane.ts";
import { Problem } from "../../floor/problem.ts";
import type { Admitted, PersonCaller, Readmitted } from "../../identity/index.ts";
import { StreamHub } from "./stream-hub.ts";

let plane: TestPlane;
let scribe: string;
beforeAll(async () => {
  plane = await openTestPlane();
  scribe = await plane.agent("scribe");
});
afterAll(() => plane?.close());

/** All readers are asked again with each beat, every fifteen seconds: what comes by then came without one. */
const beatMs = 15_000;
const beforeBeatMs = 10_000;

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

type Answer = (one: Admitted) => Readmitted | undefined;
const stays: Answer = ({ who }) => ({ who, untilMs: Number.POSITIVE_INFINITY });

/** A hub of its own over a whole plane, on a socket, with a say in who may still listen. */
async function openHub(control = plane.running.control) {
  const asked: string[][] = [];
  const say = { answer: stays, after: async (_all: readonly Admitted[]): Promise<void> => undefined };
  const hub = new StreamHub(control, async (all) => {
    asked.push(all.map(({ who }) => who.credential));
    await say.after(all);
    return all.map((one) => say.answer(one));
  });
  const server = createServer((request, response) => {
    void hub
      .open({ who: person((request.url ?? "").slice(1)), token: undefined }, undefined)
      .then((stream) => stream(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(async () => {
    await hub.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    say,
    hub,
    async listen(name: string) {
      const leaving = new AbortController();
      const response = await fetch(`http://127.0.0.1:${port}/${name}`, { signal: leaving.signal });
      const heard = { text: "", isOver: false, leave: () => leaving.abort() };
      const decoder = new TextDecoder();
      void (async () => {
        for await (const bytes of response.body ?? []) heard.text += decoder.decode(bytes, { stream: true });
        heard.isOver = true;
      })().catch(() => undefined);
      await until(async () => (hub.size > 0 && heard.text !== "" ? true : undefined));
      return heard;
    },
  };
}

const person = (credential: string): PersonCaller => ({
  kind: "person",
  email: ana,
  name: "Ana",
  roles: ["admin"],
  groups: [],
  credential,
  method: "link",
});

async function act(): Promise<string> {
  const body = { server: "files", tool: "list_directory", arguments: { path: join(plane.folder, "sandbox") } };
  return (await plane.call("POST", "/v1/actions", { key: scribe, body })).json.id;
}

it("asks for all readers at once, and not for what happens to actions", async () => {
  const { asked, listen } = await openHub();
  const readers = [await listen("a"), await listen("b"), await listen("c")];
  const opened = asked.length;
  const startedAt = performance.now();
  for (let count = 0; count < 5; count++) {
    const id = await act();
    for (const reader of readers) await until(async () => (reader.text.includes(id) ? true : undefined));
  }
  const since = asked.slice(opened);
  // Beats, and a new tool that was proven, may have come meanwhile.
  const beats = Math.ceil((performance.now() - startedAt) / beatMs);
  expect(since.length).toBeLessThanOrEqual(beats + 1);
  expect(since.every((one) => one.length === 3)).toBe(true);
});

it("ends who is out as soon as somebody's logins changed, and tells the others who they are", async () => {
  const { asked, say, listen } = await openHub();
  const [out, left] = [await listen("out"), await listen("left")];
  say.answer = (one) => (one.who.credential === "out" ? undefined : stays(one));
  const before = asked.length;
  await plane.person(cy);
  await until(async () => (out.isOver ? true : undefined), beforeBeatMs);
  expect(asked.slice(before).every((one) => one.includes("left"))).toBe(true);
  const id = await act();
  await until(async () => (left.text.includes(id) ? true : undefined));
  expect(left.isOver).toBe(false);
  expect(out.text).not.toContain(id);
});

it("ends a stream when what it was opened with runs out, without news and before the next beat", async () => {
  const { say, listen } = await openHub();
  const untilMs = plane.running.control.parts.clock.now() + 4_000;
  say.answer = ({ who }) => (plane.running.control.parts.clock.now() < untilMs ? { who, untilMs } : undefined);
  const reader = await listen("short");
  await until(async () => (reader.isOver ? true : undefined), beforeBeatMs);
});

it("where it cannot be known who may listen nobody is told anything, and nothing is lost", async () => {
  const { say, listen } = await openHub();
  const reader = await listen("patient");
  say.answer = () => {
    throw new Problem("unavailable", "who may call cannot be confirmed now");
  };
  await plane.agent("scribe", "staging");
  const ids = [await act(), await act()];
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const id of ids) expect(reader.text).not.toContain(id);
  say.answer = stays;
  for (const id of ids) await until(async () => (reader.text.includes(id) ? true : undefined));
  expect(reader.isOver).toBe(false);
});

it("nobody whose permission to look at actions is gone goes on listening", async () => {
  const { say, listen } = await openHub();
  const reader = await listen("demoted");
  say.answer = ({ who }) => ({ who: { ...(who as PersonCaller), roles: [] }, untilMs: Number.POSITIVE_INFINITY });
  await plane.agent("coder", "staging");
  await until(async () => (reader.isOver ? true : undefined), beforeBeatMs);
});

it("who comes while the only other reader leaves goes on hearing what happens", async () => {
  const { control } = plane.running;
  const { db } = control.parts;
  let reading: Promise<void> | undefined;
  const query: typeof db.query = async (...asked) => {
    await reading;
    return db.query(...asked);
  };
  const { hub, say, listen } = await openHub({ ...control, parts: { ...control.parts, db: { ...db, query } } });
  const first = await listen("first");
  const [gate, open] = waiting();
  const [admission, admit] = waiting();
  say.after = async (all) => {
    if (all.some(({ who }) => who.credential === "second")) await admission;
  };
  const coming = listen("second");
  // What the first is told while the second waits to be let in is what the second has to catch up with.
  const id = await act();
  await until(async () => (first.text.includes(id) ? true : undefined));
  reading = gate;
  admit();
  await new Promise((resolve) => setTimeout(resolve, 200));
  first.leave();
  await until(async () => (hub.size === 0 ? true : undefined));
  open();
  reading = undefined;
  const second = await coming;
  await until(async () => (second.text.includes(id) ? true : undefined));
  const next = await act();
  await until(async () => (second.text.includes(next) ? true : undefined));
});

function waiting(): [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>();
  return [promise, resolve];
}
