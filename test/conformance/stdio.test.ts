import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "@countersign/contract";
import { afterEach, describe, expect, it } from "vitest";
import type { Answer, Relay } from "../../packages/countersign/src/execution/connector.ts";
import {
  type Lent,
  openUpstream,
  type Upstream,
  type UpstreamConfig,
} from "../../packages/countersign/src/execution/mcp/index.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { type Log, silent } from "../../packages/countersign/src/floor/log.ts";
import { Problem } from "../../packages/countersign/src/floor/problem.ts";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";

const open: Upstream[] = [];
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.close();
});

const inherit = { PATH: process.env.PATH ?? "", HOME: tmpdir() };

function start(args: readonly string[], env: Record<string, Secret | string> = {}, log: Log = silent): Upstream {
  const config: UpstreamConfig = { server: "child", transport: "stdio", command: process.execPath, args, env, inherit };
  const upstream = openUpstream(config, { log, clock: systemClock });
  open.push(upstream);
  return upstream;
}

const byHand = (env: Record<string, Secret | string> = {}, log: Log = silent) =>
  start([fileURLToPath(new URL("stdio-server.ts", import.meta.url))], env, log);

function call(
  upstream: Upstream,
  name: string,
  args: JsonObject = {},
  more: { deadlineMs?: number; signal?: AbortSignal; relay?: Relay; meta?: JsonObject } = {},
): Promise<Answer> {
  const { meta, ...rest } = more;
  const params = { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) };
  return upstream.call({
    actionId: "act",
    server: "child",
    method: "tools/call",
    params,
    deadlineMs: 60_000,
    signal: new AbortController().signal,
    workflow: "w",
    ...rest,
  });
}

const packaged = (name: string) =>
  fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url));

const textOf = (answer: Answer): string => (answer.kind === "answered" ? JSON.stringify(answer.result) : answer.kind);

describe("a server over stdio", () => {
  it("gets PATH, HOME and its own secrets, and nothing else of the plane's environment", async () => {
    process.env.PLANE_ONLY = "must not leak";
    const answer = await call(byHand({ TOOL_KEY: new Secret("hunter2-hunter2") }), "env");
    const env = JSON.parse((answer as unknown as { result: { content: [{ text: string }] } }).result.content[0].text);
    expect(Object.keys(env).sort()).toEqual(["HOME", "PATH", "TOOL_KEY"]);
  });

  it("that dies while it works leaves the call lost, and is started again for the next", async () => {
    const upstream = byHand();
    expect(await call(upstream, "die")).toMatchObject({ kind: "lost" });
    await expect.poll(async () => (await call(upstream, "progress")).kind).toBe("answered");
  });

  it("that hangs is lost at the deadline; that was cancelled is lost at once", async () => {
    const upstream = byHand();
    // Opening the way is part of the deadline: here it is open before.
    await upstream.definitions();
    expect(await call(upstream, "hang", {}, { deadlineMs: 150 })).toMatchObject({ kind: "lost" });
    const stop = new AbortController();
    const answer = call(upstream, "hang", {}, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    expect(await answer).toMatchObject({ kind: "lost" });
    expect(await call(upstream, "hang", {}, { signal: stop.signal })).toMatchObject({ kind: "never_sent" });
  });

  it("that floods is ended", async () => {
    expect(await call(byHand(), "flood")).toEqual({
      kind: "lost",
      reason: "the server sent a line larger than its limit",
    });
  });

  it("that writes nonsense in between is heard where it makes sense, unaltered", async () => {
    expect(await call(byHand(), "nonsense")).toEqual({
      kind: "answered",
      result: { content: [], odd: { kept: [1, null] } },
    });
  });

  it("cannot write its secret or terminal codes into the log", async () => {
    const lines: object[] = [];
    const log: Log = { ...silent, debug: (fields) => void lines.push(fields) };
    await call(byHand({ TOOL_KEY: new Secret("hunter2-hunter2") }, log), "whisper");
    await expect.poll(() => JSON.stringify(lines)).toContain("my key is [secret]");
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|\\u001b|\\r/);
  });

  it("answers two agents that chose the same progress token each with their own", async () => {
    const upstream = byHand();
    const heard: string[][] = [[], []];
    const listen = (who: number): Relay => ({
      notify: (message) => void heard[who]?.push(JSON.stringify(message.params)),
      request: async () => ({}),
    });
    const meta = { progressToken: "same" };
    await Promise.all([0, 1].map((who) => call(upstream, "progress", {}, { relay: listen(who), meta })));
    expect(heard).toEqual([['{"progressToken":"same","progress":1}'], ['{"progressToken":"same","progress":1}']]);
  });

  it("keeps what it says of its tools", async () => {
    expect((await byHand().definitions())[0]).toEqual({ name: "env", inputSchema: { type: "object" }, "x-kept": true });
  });

  it("that cannot be started was never sent anything", async () => {
    const config: UpstreamConfig = {
      server: "child",
      transport: "stdio",
      command: "/does/not/exist",
      args: [],
      env: {},
      inherit,
    };
    const upstream = openUpstream(config, { log: silent, clock: systemClock });
    expect(await call(upstream, "x")).toEqual({
      kind: "never_sent",
      reason: "the server's process could not be started",
    });
    expect(await call(upstream, "x")).toMatchObject({ kind: "never_sent" });
  });
});

describe("what a process over stdio is lent", () => {
  const script = fileURLToPath(new URL("../support/keeper-server.ts", import.meta.url));
  const config: UpstreamConfig = {
    server: "child",
    transport: "stdio",
    command: process.execPath,
    args: [script, "/dev/null"],
    env: {},
    inherit,
  };
  const withLent = (lend: () => Promise<Lent>): Upstream => {
    const upstream = openUpstream({ ...config, lend }, { log: silent, clock: systemClock });
    open.push(upstream);
    return upstream;
  };
  const lent = (more: Partial<Lent> = {}): Lent => ({
    env: { KEEPER_PLACE: "here" },
    revoked: new AbortController().signal,
    isCurrent: async () => true,
    release: async () => undefined,
    ...more,
  });
  const pidIn = (answer: Answer): number => {
    if (answer.kind !== "answered") throw new Error(answer.kind);
    return JSON.parse((answer.result as { content: [{ text: string }] }).content[0].text).pid;
  };
  const pidOf = async (upstream: Upstream): Promise<number> => pidIn(await call(upstream, "who"));
  const runs = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it("that cannot be had is no reason to start it with less: the call was never sent, and the next one tries again", async () => {
    let asked = 0;
    const upstream = withLent(async () => {
      asked += 1;
      if (asked < 3) throw new Problem("not_found", "there is no secret `one`");
      return lent();
    });
    const never = { kind: "never_sent", reason: "the server's process was not started: there is no secret `one`" };
    expect([await call(upstream, "who"), await call(upstream, "who")]).toEqual([never, never]);
    expect(textOf(await call(upstream, "who"))).toContain("here");
    expect(asked).toBe(3);
  });

  it("is given back when it has ended, however it ends", async () => {
    let released = 0;
    const release = async () => {
      released += 1;
    };
    const upstream = withLent(async () => lent({ release }));
    const pid = await pidOf(upstream);
    expect(released).toBe(0);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => released).toBe(1);
    const next = await pidOf(upstream);
    await upstream.close();
    expect([runs(next), released]).toEqual([false, 2]);
  });

  it("ends it where it is taken back, and where another would be lent now, once nothing runs in it", async () => {
    const taken = new AbortController();
    let isCurrent = true;
    const upstream = withLent(async () => lent({ revoked: taken.signal, isCurrent: async () => isCurrent }));
    const first = await pidOf(upstream);
    await upstream.look();
    expect(await pidOf(upstream)).toBe(first);
    const slow = call(upstream, "slow", { ms: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    isCurrent = false;
    await upstream.look();
    const second = await pidOf(upstream);
    expect([second === first, runs(first)]).toEqual([false, true]);
    expect(pidIn(await slow)).toBe(first);
    await expect.poll(() => runs(first)).toBe(false);
    taken.abort();
    await expect.poll(() => runs(second)).toBe(false);
    expect(await call(upstream, "who")).toMatchObject({ kind: "never_sent" });
  });

  it("a process that closes its input and lives on is ended, and another one takes its place", async () => {
    const upstream = withLent(async () => lent());
    const deaf = await pidOf(upstream);
    expect((await call(upstream, "deafen")).kind).toBe("answered");
    // Whether a pipe still has a reader is found out by writing.
    await expect.poll(async () => (await call(upstream, "who", {}, { deadlineMs: 3_000 })).kind).toBe("answered");
    expect(await pidOf(upstream)).not.toBe(deaf);
    await expect.poll(() => runs(deaf)).toBe(false);
  });
});

describe("servers of others over stdio", () => {
  it("the memory server keeps what it was told", async () => {
    const folder = await mkdtemp(join(tmpdir(), "memory-"));
    const upstream = start([packaged("server-memory")], { MEMORY_FILE_PATH: join(folder, "m.json") });
    const entities = [{ name: "gate", entityType: "thing", observations: ["is open"] }];
    expect((await call(upstream, "create_entities", { entities })).kind).toBe("answered");
    expect(textOf(await call(upstream, "read_graph"))).toContain("is open");
    expect((await upstream.definitions()).length).toBe(9);
    await rm(folder, { recursive: true });
  });

  it("the filesystem server writes a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "files-"));
    const upstream = start([packaged("server-filesystem"), folder]);
    expect((await call(upstream, "write_file", { path: join(folder, "a.txt"), content: "words" })).kind).toBe(
      "answered",
    );
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("words");
    await rm(folder, { recursive: true });
  });
});
