import { createSecretKey, randomBytes } from "node:crypto";
import type { Worker } from "node:worker_threads";
import type { Decision, DecisionInput, Json, JsonObject } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { leanDecision } from "../../packages/countersign/src/action/record.ts";
import { recordsOf, toStored } from "../../packages/countersign/src/action/stored-record.ts";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { simulatePolicies } from "../../packages/countersign/src/governance/index.ts";
import type { LoadSources } from "../../packages/countersign/src/governance/load-plane.ts";
import type { SimulateRequest, Simulation } from "../../packages/countersign/src/governance/simulation.ts";
import type { PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import type { Draft } from "../../packages/countersign/src/ledger/entry.ts";
import { readSubject } from "../../packages/countersign/src/ledger/read.ts";
import { SubjectKey } from "../../packages/countersign/src/ledger/seal.ts";
import { decide } from "../../packages/countersign/src/policy/decide.ts";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { ana, openTestPlane, type TestPlane, until } from "../support/plane.ts";

vi.setConfig({ testTimeout: 240_000 });

const actions = 3_600;
const draftPolicies = `@id("no-hellos")
forbid (principal, action == Action::"files.write_file", resource)
when { context.args has content && context.args.content like "hello*" };
@id("some-reads-ask")
@cure("approval") @from("leads") @count("1") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action == Action::"files.read_text_file", resource)
when { context.args has path && context.args.path like "*7" }
unless { context.facts.cured.contains("some-reads-ask") };
`;

const reader: PersonCaller = {
  kind: "person",
  email: ana,
  name: "Ana",
  roles: ["auditor"],
  groups: [],
  credential: "test",
  method: "cli",
};

let plane: TestPlane;
let files: Readonly<Record<string, string>>;
let sources: LoadSources;
/** The same without what another thread would need. */
let alone: LoadSources;
const subjects: string[] = [];

interface Ran {
  readonly report: Omit<Simulation, "took" | "since">;
  readonly progress: readonly number[];
  readonly threads: number;
}

const request = (more: Partial<SimulateRequest> = {}): SimulateRequest => ({
  files,
  sinceMs: 86_400_000,
  limit: 100_000,
  ...more,
});

/** Runs it to its end; `begun` is told of each thread that it starts. */
async function simulate(from: LoadSources, asked: SimulateRequest, begun?: (thread: Worker) => void): Promise<Ran> {
  let threads = 0;
  const hear = (thread: Worker): void => {
    threads++;
    begun?.(thread);
  };
  // The draft's texts are parsed in a thread, too: that has ended by now.
  const steps = await simulatePolicies(plane.running.control, from, reader, asked);
  process.on("worker", hear);
  const progress: number[] = [];
  try {
    for await (const step of steps) {
      if ("progress" in step) progress.push(step.progress.done);
      else {
        const { took: _, since: __, ...report } = step.report;
        return { report, progress, threads };
      }
    }
  } finally {
    process.off("worker", hear);
  }
  throw new Error("there was no report");
}

const connections = async (): Promise<number> =>
  (
    await plane.database.owner.query(
      "select 1 from pg_stat_activity where application_name = 'countersign simulation' and datname = current_database()",
    )
  ).rowCount;
const noConnections = () => until(async () => ((await connections()) === 0 ? true : undefined));

/** What is asked and what was decided, as a record of its own; each of many kinds. */
function recordOf(kind: number, n: number, model: ReturnType<typeof recordsOf>[number]): object {
  if (model?.call === undefined) throw new Error("a model has a call");
  const { policies } = plane.running.control.keeper.loaded();
  const own =
    kind % 2 === 0 ? { path: `pages/p${n}` } : { path: `pages/p${n}`, content: n % 2 === 0 ? `hello ${n}` : "bye" };
  const args: JsonObject = "source" in model.call.args ? { ...model.call.args, source: `s${n}` } : own;
  const isOther = n % 11 === 0;
  const input: DecisionInput = {
    ...model.input,
    args: { ...args, parsed: model.input.args.parsed ?? {}, "10": "ten", "9": n },
    principal: { ...model.input.principal, ...(isOther ? { workflow: "repo-survey", agent: "coder" } : {}) },
  };
  const said: Decision = leanDecision(decide(input, policies));
  const decision: Decision =
    n % 13 === 0
      ? { ...said, policySet: { ...said.policySet, digest: `sha256:${"0".repeat(64)}` } }
      : n % 97 === 0
        ? { ...said, sentence: `${said.sentence}, it said` }
        : n % 101 === 0
          ? { ...said, inputDigest: `sha256:${"1".repeat(64)}` }
          : said;
  return {
    ...model,
    call: { ...model.call, args, params: { ...model.call.params, arguments: args } },
    input,
    decision,
  };
}

beforeAll(async () => {
  plane = await openTestPlane();
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const key = await plane.agent("scribe");
  const submit = async (tool: string, args: object): Promise<string> =>
    (await plane.call("POST", "/v1/actions", { key, body: { server: "files", tool, arguments: args } })).json.id;
  const { parts } = plane.running.control;
  const asked = [
    await submit("read_text_file", { path: `${plane.folder}/sandbox/pages/welcome.md` }),
    await submit("write_file", { path: `${plane.folder}/sandbox/new.md`, content: "hello" }),
    await submit("move_file", { source: `${plane.folder}/sandbox/a`, destination: `${plane.folder}/sandbox/b` }),
  ];
  const models = await Promise.all(
    asked.map(async (id) =>
      recordsOf(await readSubject(parts.db, id, parts.wrap)).find((one) => one?.input !== undefined),
    ),
  );
  const [held, refused] = await Promise.all(
    asked.slice(1).map(async (id) => (await readSubject(parts.db, id, parts.wrap)).entries[0]?.entry),
  );
  if (held === undefined || refused === undefined) throw new Error("there is no model");
  const drafts = (n: number, subject: string): Draft[] => {
    const kind = n % models.length;
    const record = recordOf(kind, n, models[kind] ?? null) as Parameters<typeof toStored>[0];
    const base = {
      subject,
      agent: "scribe",
      workflow: record.input?.principal.workflow ?? "",
      tool: record.input?.action.tool ?? "",
      run: "run_00000000000000000000000000",
    };
    const args = record.call?.args;
    const payload = toStored(record, args) as Json;
    const refusing = { ...base, kind: refused.kind as Draft["kind"], to: "refused" as const };
    if (n % 5 !== 0) return [{ ...refusing, step: 0, from: "received", payload }];
    // Decided twice: the second entry has no call, and its arguments are those of the first.
    const { call: _, ...again } = record;
    return [
      { ...base, kind: held.kind as Draft["kind"], step: 0, from: "received", to: "held", payload },
      { ...refusing, step: 1, from: "held", payload: toStored(again, args) as Json },
    ];
  };
  for (let n = 0; n < actions; ) {
    const keys = [];
    const sealed = [];
    for (let i = 0; i < 100; i++, n++) {
      const subject = newId("act");
      subjects.push(subject);
      const own = new SubjectKey(subject);
      keys.push({ subject, wrapped: own.wrapped(parts.wrap) });
      for (const draft of drafts(n, subject)) sealed.push(own.seal(draft));
    }
    await parts.ledger.append({ keys, sealed });
  }
  const erased = subjects.filter((_, n) => n % 17 === 0);
  await plane.database.owner.query("delete from subject_key where subject = any($1)", [erased]);
  files = { ...(await read(plane.folder)).files, "policies/draft.cedar": draftPolicies };
  ({ sources } = plane.running.assembled);
  const { apart: _, ...rest } = sources;
  alone = rest;
});
afterAll(() => plane?.close());

describe("a simulation in threads", () => {
  it("says what one thread says, byte for byte, and leaves nothing behind", async () => {
    const one = await simulate(alone, request());
    expect(one).toMatchObject({ threads: 0, report: { actions: actions + 3, limited: false } });
    const { counts, reproduced, erased, replayed } = one.report;
    // The store has something of everything.
    expect(Math.min(counts.denied, counts.asked, reproduced.same, reproduced.otherSet, erased)).toBeGreaterThan(50);
    expect(reproduced.differing.map(({ members }) => members.join())).toEqual(
      expect.arrayContaining(["sentence", "inputDigest"]),
    );
    expect(one.report.by.length).toBeGreaterThan(1);
    expect(replayed).toBeGreaterThan(actions - erased);
    const two = await simulate(sources, request());
    expect(two.threads).toBe(2);
    expect(JSON.stringify(two.report)).toBe(JSON.stringify(one.report));
    expect(two.progress).toEqual(one.progress);
    expect(two.progress).toHaveLength(8);
    await noConnections();
  });

  it.each([2_000, 2_345, 3_000])("says the same of the newest %i alone", async (limit) => {
    const [one, two] = [await simulate(alone, request({ limit })), await simulate(sources, request({ limit }))];
    expect(JSON.stringify(two.report)).toBe(JSON.stringify(one.report));
    expect([one.threads, two.threads]).toEqual([0, 2]);
    expect(two.report.limited).toBe(true);
    expect(two.report.replayed).toBeGreaterThanOrEqual(limit);
    expect(two.report.replayed).toBeLessThan(limit + 2);
  });

  it("says the same of one workflow, and takes its name for nothing else", async () => {
    const [one, two] = await Promise.all(
      [alone, sources].map((from) => simulate(from, request({ workflow: "docs-upkeep" }))),
    );
    expect(JSON.stringify(two?.report)).toBe(JSON.stringify(one?.report));
    expect(two?.threads).toBeGreaterThan(0);
    expect(two?.report.by.map(({ workflow }) => workflow)).not.toContain("repo-survey");
    const other = await simulate(sources, request({ workflow: "repo-survey" }));
    expect(other).toMatchObject({ threads: 0, report: { actions: Math.ceil(actions / 11) } });
    const hostile = await simulate(sources, request({ workflow: "x' or true; drop table entry; --" }));
    expect(hostile.report).toMatchObject({ actions: 0, replayed: 0 });
  });

  it("counts what the draft counts otherwise as one thread does, and by itself where a thread cannot", async () => {
    const draft = "workflows/docs-upkeep.yaml";
    const reads =
      "guardrails:\n  - { use: call-limit, tools: [files.read_text_file, files.write_file, files.list_directory], most: 1, within: 1h }\n";
    const limited = request({ files: { ...files, [draft]: `${files[draft]}${reads}` } });
    const one = await simulate(alone, limited);
    const names = ["docs-upkeep/guardrail/call-limit"];
    expect(one.report).toMatchObject({ windows: { names }, untold: 0 });
    // One of them ran, and whatever was asked after it would be the second within the hour.
    expect(one.report.counts.denied).toBeGreaterThan(1_000);
    const two = await simulate(sources, limited);
    expect(two.threads).toBe(2);
    expect(JSON.stringify({ ...two.report, windows: names })).toBe(JSON.stringify({ ...one.report, windows: names }));
    expect(two.progress).toEqual(one.progress);
    // The calls are gone through twice.
    expect(two.progress.length).toBeGreaterThan(8);
    const apart = () => ({ keys: [], ...sources.apart?.(), database: "postgresql://127.0.0.1:1/none" });
    const nowhere = await simulate({ ...sources, apart }, limited);
    expect(JSON.stringify({ ...nowhere.report, windows: names })).toBe(
      JSON.stringify({ ...one.report, windows: names }),
    );
  });

  it("starts none for few decisions, nor a third one beside two", async () => {
    expect(await simulate(sources, request({ limit: 1_999 }))).toMatchObject({ threads: 0, report: { limited: true } });
    const action = subjects.at(-1) ?? "";
    const one = await simulate(sources, request({ action }));
    expect(one).toMatchObject({ threads: 0, progress: [1], report: { actions: 1, limited: false } });
    const first = await simulatePolicies(plane.running.control, sources, reader, request());
    await first.next();
    const beside = await simulate(sources, request());
    expect(beside.threads).toBe(0);
    expect(beside.report.actions).toBe(actions + 3);
    await first.return(undefined);
    await noConnections();
    expect(await simulate(sources, request())).toMatchObject({ threads: 2 });
  });

  it("lets four run at once and says so to the fifth, which may ask again", async () => {
    const four: Awaited<ReturnType<typeof simulatePolicies>>[] = [];
    for (let at = 0; at < 4; at++) {
      const steps = await simulatePolicies(plane.running.control, sources, reader, request({ limit: 500 }));
      await steps.next();
      four.push(steps);
    }
    const fifth = simulatePolicies(plane.running.control, sources, reader, request());
    await expect(fifth).rejects.toMatchObject({ code: "too_many", help: expect.stringContaining("ask again") });
    await Promise.all(four.map((steps) => steps.return(undefined)));
    await noConnections();
    expect(await simulate(sources, request())).toMatchObject({ threads: 2 });
  });

  it("gives a thread that could not do a page no other one", async () => {
    const asked: number[] = [];
    const deaf = (thread: Worker): void => {
      const mine = asked.push(0) - 1;
      const send = thread.postMessage.bind(thread);
      thread.postMessage = (question: { id: number }) => {
        asked[mine] = (asked[mine] ?? 0) + 1;
        if (mine === 0) thread.emit("message", { id: question.id, fault: "its connection is gone" });
        else send(question);
      };
    };
    const two = await simulate(sources, request(), deaf);
    expect(asked[0]).toBe(1);
    expect(asked[1]).toBeGreaterThan(3);
    expect(JSON.stringify(two.report)).toBe(JSON.stringify((await simulate(alone, request())).report));
  });

  it("does a page itself where a thread cannot, as with keys that were wrapped anew since", async () => {
    const lost = { id: "00000000", key: createSecretKey(randomBytes(32)) };
    const apart = () => ({ database: "", keys: [], ...sources.apart?.() });
    const without = { ...sources, apart: () => ({ ...apart(), keys: [lost] }) };
    const two = await simulate(without, request());
    expect(two.threads).toBe(2);
    expect(JSON.stringify(two.report)).toBe(JSON.stringify((await simulate(alone, request())).report));
    const nowhere = { ...sources, apart: () => ({ ...apart(), database: "postgresql://127.0.0.1:1/none" }) };
    expect(JSON.stringify((await simulate(nowhere, request())).report)).toBe(JSON.stringify(two.report));
  });
});

describe("a simulation whose threads fail", () => {
  it("ends with a problem that says so where one dies, and the next has its threads again", async () => {
    const ran = simulate(sources, request(), (thread) => void thread.terminate());
    await expect(ran).rejects.toMatchObject({
      code: "unavailable",
      detail: expect.stringContaining("a thread of the simulation ended before its work was done"),
      help: expect.stringContaining("--limit"),
    });
    await noConnections();
    expect(await simulate(sources, request())).toMatchObject({ threads: 2, report: { actions: actions + 3 } });
  });

  it("notices a thread that skips a page", async () => {
    const skip = (thread: Worker): void => {
      const send = thread.postMessage.bind(thread);
      thread.postMessage = (asked: { task: { page: { last: string } } }) =>
        send({
          ...asked,
          task: { ...asked.task, page: { ...asked.task.page, last: "act_zzzzzzzzzzzzzzzzzzzzzzzzzz" } },
        });
    };
    await expect(simulate(sources, request(), skip)).rejects.toMatchObject({
      code: "bug",
      detail: expect.stringContaining("of a page 0 were replayed"),
    });
    await noConnections();
  });

  it("ends with whoever asked: its threads and their connections go", async () => {
    const gone = new AbortController();
    const ended: Promise<unknown>[] = [];
    const hear = (thread: Worker): void => void ended.push(new Promise((resolve) => thread.once("exit", resolve)));
    process.on("worker", hear);
    const key = await plane.person(ana);
    const response = await fetch(`${plane.url}/v1/policies/simulate`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ files }),
      signal: gone.signal,
    });
    const lines = response.body?.getReader();
    await lines?.read();
    gone.abort();
    await until(async () => (ended.length >= 2 ? true : undefined));
    await Promise.all(ended);
    process.off("worker", hear);
    await noConnections();
    expect(await simulate(sources, request())).toMatchObject({ threads: 2 });
  });
});
