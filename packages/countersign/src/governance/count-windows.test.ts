import { join } from "node:path";
import type { DecisionInput } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, cy, workflow } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { settleByPerson } from "../action/reconcile.ts";
import { recordsOf } from "../action/stored-record.ts";
import type { Answer } from "../execution/connector.ts";
import { readSubject } from "../ledger/read.ts";
import { pagesSince } from "../ledger/replay-sql.ts";
import type { CompiledPolicies } from "../policy/index.ts";
import { read } from "../workspace/index.ts";
import { countWindows } from "./count-windows.ts";
import { replayHere } from "./replay-here.ts";
import { simulatePolicies } from "./simulate-policies.ts";
import type { SimulateRequest, Simulation } from "./simulation.ts";

const inForce = `{ use: call-limit, name: puts, tools: [deeds.put], most: 7, within: 1h },
  { use: first-time-target, tools: [deeds.remove], from: editors },
  { use: done-before, name: looked-first, tools: [deeds.remove], done: deeds.look, within: 1h, since: deeds.put },
  { use: right-after, name: just-looked, tools: [deeds.remove], done: [deeds.look], may: only, per: target, within: 1h }`;

let base: TestDatabase;
let world: World;
let hour: readonly string[];
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), guardrails: inForce });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const submit = async (tool: string, marker: string, hall = world.base.hall) =>
  (await hall.submit(world.caller, call(tool, { marker }))).view;
const answering = async (answer: Answer) => world.replica({ connector: { call: () => Promise.resolve(answer) } });

/** What was gathered of windows for each decision that is stored, by action and step. */
async function stored(): Promise<Readonly<Record<string, object>>> {
  const { parts } = world.base.control;
  const { rows } = await base.owner.query<{ subject: string }>(
    "select subject from entry where step = 0 and subject like 'act\\_%' order by subject",
  );
  const found: Record<string, object> = {};
  for (const { subject } of rows) {
    const opened = await readSubject(parts.db, subject, parts.wrap);
    for (const [at, record] of recordsOf(opened).entries()) {
      if (record?.input === undefined || record.decision === undefined) continue;
      const { counts, sums = {}, formerly = [], previous = [] }: DecisionInput["facts"] = record.input.facts;
      found[`${subject} ${opened.entries[at]?.entry.step}`] = { counts, sums, formerly, previous };
    }
  }
  return found;
}

/** What a replay says of the same decisions where nobody had gathered any of it. */
async function recounted(): Promise<Readonly<Record<string, object>>> {
  const { parts, keeper } = world.base.control;
  const draft = keeper.loaded().policies;
  const sets = { draft, inForce: { ...draft, policies: [] } satisfies CompiledPolicies };
  const filter = { since: new Date(Date.now() - 86_400_000).toISOString() };
  const replayer = replayHere(parts, sets, filter);
  const pages = await pagesSince(parts.db, { ...filter, before: "act_~" }, 3, null);
  const counting = countWindows({ db: parts.db, sets, replayer, filter, pages });
  let counted = await counting.next();
  while (counted.done !== true) counted = await counting.next();
  await replayer.close();
  const { told } = counted.value;
  return Object.fromEntries(
    pages.flatMap((page) =>
      [...(told(page) ?? [])].flatMap(([action, steps]) =>
        [...steps].map(([step, facts]) => [`${action} ${step}`, facts] as const),
      ),
    ),
  );
}

async function simulate(guardrails: string, more: Partial<SimulateRequest> = {}): Promise<Simulation> {
  const { files: all } = await read(join(world.folder, "workspace"));
  const file = `workflows/${workflow}.yaml`;
  const files = {
    ...all,
    [file]: all[file]?.replace(/^guardrails: .*?(?=\nlogging:)/ms, `guardrails: [${guardrails}]`) ?? "",
  };
  const request = { files, sinceMs: 86_400_000, limit: 100_000, ...more };
  const auditor = { ...ana, roles: ["auditor"] as const };
  for await (const step of await simulatePolicies(world.base.control, world.base.sources, auditor, request))
    if ("report" in step) return step.report;
  throw new Error("there was no report");
}

/** From when on the newest note says that somebody read. */
async function notedSince(): Promise<number> {
  const { parts } = world.base.control;
  const text = "select subject from entry where kind = 'read' order by recorded_at desc limit 1";
  const { rows } = await base.owner.query<{ subject: string }>(text);
  const [note] = (await readSubject(parts.db, rows[0]?.subject ?? "", parts.wrap)).entries;
  return Date.parse(JSON.stringify(note?.payload).match(/"since":"([^"]+)"/)?.[1] ?? "");
}

const nothing = { allowed: 0, denied: 0, asked: 0, waiting: 0, "asked otherwise": 0 };

describe("windows that a replay counts again", () => {
  it("hold at each decision what the gate itself had counted for it", async () => {
    for (let at = 0; at < 5; at++) expect((await submit("put", `put-${at}`)).state).toBe("done");
    const { hall: unsent } = await answering({ kind: "never_sent", reason: "gone" });
    expect((await submit("put", "unsent", unsent)).state).toBe("failed");
    expect((await submit("put", "put-5")).state).toBe("done");
    const { hall: losing, parts } = await answering({ kind: "lost", reason: "cut" });
    const lost = await submit("put", "lost", losing);
    expect(lost.state).toBe("unknown");
    for (const marker of ["over-0", "over-1"]) expect((await submit("put", marker)).state).toBe("refused");
    await settleByPerson(parts, cy, lost.id, false, "it is not there");
    expect((await submit("put", "put-6")).state).toBe("done");
    expect((await submit("put", "over-2")).state).toBe("refused");

    expect((await submit("remove", "put-0")).state).toBe("refused");
    const wrong = { content: [{ type: "text", text: "half of it" }], isError: true };
    const { hall: erring } = await answering({ kind: "answered", result: wrong });
    expect((await submit("look", "put-0", erring)).state).toBe("done");
    expect((await submit("remove", "put-0")).state).toBe("refused");
    expect((await submit("look", "put-0")).state).toBe("done");
    expect((await submit("remove", "put-1")).state).toBe("refused");
    expect((await submit("remove", "put-0")).state).toBe("held");

    const live = await stored();
    const again = await recounted();
    expect(Object.keys(again).length).toBeGreaterThan(15);
    // Reads of no window have none.
    const counted = Object.entries(live).filter(([of]) => of in again);
    expect(again).toEqual(Object.fromEntries(counted));
    const just = Object.values(again).filter((facts) => (facts as DecisionInput["facts"]).previous?.length === 1);
    expect(just).toHaveLength(1);
    expect(Object.keys(live).length - counted.length).toBe(2);
  });

  it("are told of the call just before where every tool's calls end a window", async () => {
    const { counts, untold, windows } = await simulate(inForce.replace("just-looked", "looked-just-now"));
    expect({ counts, untold }).toEqual({ counts: nothing, untold: 0 });
    expect(windows?.names).toEqual(["deeds-upkeep/guardrail/looked-just-now"]);
  });

  it("are told by the simulation of a draft that names them otherwise: nothing changes", async () => {
    const { counts, untold, windows } = await simulate(inForce.replace("puts", "all-puts"));
    expect({ counts, untold }).toEqual({ counts: nothing, untold: 0 });
    expect(windows?.names).toEqual(["deeds-upkeep/guardrail/all-puts"]);
  });
});

describe("a draft with a limit that is not in force", () => {
  it("denies no call where it is far from being met", async () => {
    const { counts, by, untold } = await simulate(
      `${inForce}, { use: call-limit, name: looks, tools: [deeds.look, deeds.remove], most: 1000, within: 1h }`,
    );
    expect({ counts, by, untold }).toEqual({ counts: nothing, by: [], untold: 0 });
  });

  it("denies those that come after as many as it lets through, and one of them by itself too", async () => {
    const limit = `${inForce}, { use: call-limit, name: fewer, tools: [deeds.put], most: 3, within: 1h }`;
    const { counts, changes } = await simulate(limit);
    // Seven were done, and of the two that were not each was in the window while it was not known.
    expect(counts).toEqual({ ...nothing, denied: changes.length });
    expect(changes.map(({ policies }) => policies.join())).toEqual(changes.map(() => "deeds-upkeep/guardrail/fewer"));
    const [newest] = changes;
    const one = await simulate(limit, { action: newest?.action ?? "" });
    expect(one.changes).toEqual([newest]);
    expect(one.windows?.names).toEqual(["deeds-upkeep/guardrail/fewer"]);
  });

  it("asks only at the first time that a target is touched", async () => {
    hour = (await stored().then(Object.keys)).map((of) => of.split(" ")[0] ?? "");
    for (const marker of ["twice", "once"]) expect((await submit("look", marker)).state).toBe("done");
    expect((await submit("look", "twice")).state).toBe("done");
    const { counts, by } = await simulate(
      `${inForce}, { use: first-time-target, name: new-looks, tools: [deeds.look], from: editors }`,
    );
    // Of `put-0`, too: its first look ended with an error, so that its second was still the first.
    expect(counts).toEqual({ ...nothing, asked: 4 });
    expect(by).toMatchObject([{ tool: "deeds.look", change: "asked", count: 4 }]);
  });

  it("counts a window anew that is in force over another time", async () => {
    // As if an hour had passed: the gate counts from none again.
    await base.owner.query("delete from window_use");
    await base.owner.query("alter table entry disable trigger entry_stays");
    await base.owner.query("update entry set at = at - interval '2 hours' where subject = any($1)", [hour]);
    for (let at = 0; at < 3; at++) expect((await submit("put", `later-${at}`)).state).toBe("done");
    const longer = await simulate(inForce.replace("within: 1h", "within: 30d"), { sinceMs: 3_600_000 });
    // Seven were before the hour that is replayed, and are counted: the window is read further back.
    expect(longer.counts).toEqual({ ...nothing, denied: 3 });
    expect(Date.parse(longer.windows?.from ?? "")).toBeLessThan(Date.now() - 30 * 86_400_000);
    // Who asks whether somebody read one of those is told.
    expect(await notedSince()).toBeLessThanOrEqual(Date.parse(longer.windows?.from ?? ""));
    const shorter = await simulate(inForce.replace("within: 1h", "within: 59m"), { sinceMs: 3_600_000 });
    expect(shorter.counts).toEqual(nothing);
    expect((await simulate(inForce)).windows).toBeUndefined();
  });
});
