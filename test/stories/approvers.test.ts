import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, until } from "../support/plane.ts";

/** An approver whom nobody asks, and who may not read what is private. */
const dee = "dee@acme.example";

/** A plane with this under `approvals:`, and who does what there. */
async function openStage(approvals: string) {
  const plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        `${text.replace("\ngroups:", `\n  - { email: ${dee}, name: Dee, roles: [approver] }\n\ngroups:`)}\napprovals: ${approvals}\n`,
    },
  });
  const keys = new Map<string, string>();
  for (const email of [ana, bo, cy, dee]) keys.set(email, await plane.person(email));
  const agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const as = (email: string) => ({ key: keys.get(email) ?? "" });
  const page = (name: string) => join(plane.folder, "sandbox/pages", name);
  const get = async (email: string, path: string) => (await plane.call("GET", path, as(email))).json;
  return {
    plane,
    page,
    get,
    as,
    async submit(name: string, content = "a new page\nof two lines\n") {
      const body = { server: "files", tool: "write_file", arguments: { path: page(name), content } };
      return (await plane.call("POST", "/v1/actions", { key: agent, body })).json;
    },
    async answer(email: string, id: string, verdict: "approve" | "deny", dwellMs?: number) {
      const { callDigest, shownDigest } = await get(email, `/v1/approvals/${id}`);
      const dwell = dwellMs === undefined ? {} : { dwellMs };
      const body = { verdict, callDigest, shownDigest, reason: "because", ...dwell };
      return plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
    },
    end: async (id: string, waitMs = 10_000) =>
      (await plane.call("GET", `/v1/actions/${id}?waitMs=${waitMs}`, { key: agent })).json,
  };
}
type Stage = Awaited<ReturnType<typeof openStage>>;

describe("a budget of approvals an hour", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage("{ perHour: 2, overflow: refuse, canaries: { share: 0% } }");
  });
  afterAll(async () => stage?.plane.close());

  it("MT-115 refuses approvals beyond it instead of taking them, and others still may answer; MT-91 more than can be answered is refused at once", async () => {
    const { submit, answer, end, get } = stage;
    const held = [await submit("b1.md"), await submit("b2.md"), await submit("b3.md"), await submit("b4.md")];
    expect(held.map(({ state }) => state)).toEqual(["held", "held", "held", "held"]);
    const over = await submit("b5.md");
    expect(over).toMatchObject({ state: "refused", refusal: "budget" });
    expect(over.sentence).toBe(
      "refused: 4 requests wait for group `editors` already, and 4 an hour is what may be approved there, so nobody was asked; try again later",
    );
    const [first, second, third, fourth] = held.map(({ id }) => id);
    expect(await answer(bo, first, "approve")).toMatchObject({ status: 200 });
    // Two at the same moment: only one of them is the last.
    const both = await Promise.all([answer(bo, second, "approve"), answer(bo, third, "approve")]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    const refused = both.find(({ status }) => status === 429);
    expect(refused?.json.detail).toBe(
      "you have approved 2 requests within the last hour, and 2 is what one person may: this approval was not recorded",
    );
    const left = both[0]?.status === 200 ? third : second;
    expect(await end(left, 300)).toMatchObject({ state: "held" });
    const { why } = await get(ana, `/v1/approvals/${left}`);
    expect(why.questions[0].may).toMatchObject([
      { person: ana, free: true },
      { person: bo, free: false },
    ]);
    expect(await answer(bo, fourth, "deny")).toMatchObject({ status: 200 });
    expect(await answer(ana, left, "approve")).toMatchObject({ status: 200 });
    expect(await end(left)).toMatchObject({ state: "done" });
    expect(await submit("b6.md")).toMatchObject({ state: "held" });
    // Nobody was asked about what was over it: that is no question, and none that waits for ever.
    const report = await get(ana, "/v1/approvals/report");
    expect(report.period).toMatchObject({ actions: 6, asked: 5, questions: 5, rules: [{ questions: 5, open: 1 }] });
  });

  it("MT-10 the load says what waits, how long it took and what is used up: of oneself, and of all to who may read that", async () => {
    const { get } = stage;
    const mine = await get(ana, "/v1/approvals/load");
    expect(mine.queues).toMatchObject([
      { workflow: "docs-upkeep", from: "editors", people: 2, open: 1, arrived: 5, ended: 4 },
    ]);
    const [queue] = mine.queues;
    expect(queue.waitMs.p90).toBeGreaterThan(0);
    // Hour by hour, the latest last: all of it was just now.
    expect(queue.waiting).toHaveLength(24);
    expect(queue.waiting.reduce((sum: number, one: number) => sum + one, 0) / 24).toBeCloseTo(queue.meanWaiting, 9);
    expect(queue.waiting.at(-1)).toBeGreaterThan(0);
    expect(queue.forecast).toMatchObject({ servicePerHour: 4, saturated: false, arrivalsPerHour: 5 / 24 });
    expect(queue.forecast.waiting).toBeCloseTo((queue.forecast.arrivalsPerHour * queue.forecast.waitMs) / 3_600_000, 9);
    expect(mine.approvers.map(({ person }: { person: string }) => person)).toEqual([ana, bo]);
    expect(mine.approvers[1]).toMatchObject({
      open: 1,
      answered: 3,
      approvedShare: 2 / 3,
      budget: { perHour: 2, used: 2, freeAt: expect.stringMatching(/^20/) },
    });
    expect(mine.approvers[1].answers).toHaveLength(24);
    expect(mine.approvers[1].answers.reduce((sum: number, one: number) => sum + one, 0)).toBe(3);
    const others = await get(dee, "/v1/approvals/load");
    expect(others.queues).toMatchObject([{ from: "editors", open: 1 }]);
    expect(others.approvers).toMatchObject([
      { person: dee, open: 0, answered: 0, approvedShare: null, decideMs: null },
    ]);
  });
});

describe("a look that is too short for a high risk", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage("{ skim: { floor: 10m }, canaries: { share: 0% } }");
  });
  afterAll(async () => stage?.plane.close());

  it("MT-198 asks one more person, and the record says why; looking again does not take it back", async () => {
    const { submit, answer, end, get } = stage;
    const { id } = await submit("skimmed.md");
    expect(await get(bo, `/v1/approvals/${id}`)).toMatchObject({ risk: { level: "high" } });
    const skim = await answer(bo, id, "approve", 900);
    expect(skim.json.skimmed).toContain("so one more person is asked");
    const asked = await until(async () => {
      const shown = await get(ana, `/v1/approvals/${id}`);
      return shown.requirements[0].count === 2 ? shown : undefined;
    });
    expect(asked.requirements[0]).toMatchObject({ count: 2, raised: true });
    expect(asked.why).toMatchObject({
      sentence: "enough would be one more approval from group `editors`",
      questions: [{ count: 2, answered: [bo], missing: 1, may: [{ person: ana }] }],
    });
    // A longer look than the server gave it counts no more than that.
    expect((await answer(bo, id, "approve", 60_000)).status).toBe(200);
    expect(await end(id, 500)).toMatchObject({ state: "held" });
    expect((await answer(ana, id, "approve", 900)).status).toBe(200);
    expect(await end(id)).toMatchObject({ state: "done" });
    const receipt = await get(ana, `/v1/receipts/${id}`);
    expect(receipt.approvals.sentence).toContain("after so short a look that one more person was asked");
    expect(receipt.approvals.answers[0]).toMatchObject({ person: bo, skimmed: true, dwellMs: expect.any(Number) });
    expect(receipt.policy.input.facts.approvals).toMatchObject([{ skimmed: true }, { person: ana }]);
    expect((await get(bo, "/v1/answers")).answers[0]).toMatchObject({ action: id, skimmed: true });
  });

  it("asks nobody else of a risk that is not high", async () => {
    const { submit, answer, end, page } = stage;
    writeFileSync(page("medium.md"), "old\n");
    const { id } = await submit("medium.md");
    expect((await answer(bo, id, "approve", 10)).json.skimmed).toBeUndefined();
    expect(await end(id)).toMatchObject({ state: "done" });
  });
});

describe("seeded known-bad requests", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage("{ canaries: { share: 100%, within: 1s } }");
  });
  afterAll(async () => stage?.plane.close());

  const all = async (sql: string, values: unknown[] = []) =>
    (await stage.plane.running.control.parts.db.query<Record<string, unknown>>(sql, values)).rows;

  /** What a person hears as it happens, from now on. */
  const listen = async (email: string) => {
    const { url } = stage.plane;
    const response = await fetch(`${url}/v1/stream`, { headers: { authorization: `Bearer ${stage.as(email).key}` } });
    let heard = "";
    void (async () => {
      const decoder = new TextDecoder();
      for await (const bytes of response.body ?? []) heard += decoder.decode(bytes, { stream: true });
    })().catch(() => undefined);
    return () => heard;
  };

  /** The one that waits for this person beside `known`. */
  const seeded = (email: string, known: readonly string[]) =>
    until(async () => {
      const { approvals } = await stage.get(email, "/v1/approvals");
      return approvals.find(({ id }: { id: string }) => !known.includes(id));
    });

  it("come to one approver alone, look like any other, and are told once they were answered", async () => {
    const { submit, answer, get, end } = stage;
    const real = await submit("seed.md");
    expect(await answer(bo, real.id, "approve")).toMatchObject({ status: 200 });
    expect(await end(real.id)).toMatchObject({ state: "done" });
    const waiting = await submit("other.md");
    const known = [waiting.id];
    const canary = await seeded(bo, known);
    expect((await get(ana, "/v1/approvals")).approvals.map(({ id }: { id: string }) => id)).toEqual(known);
    expect((await stage.plane.call("GET", `/v1/approvals/${canary.id}`, stage.as(ana))).status).toBe(404);
    const line = (await get(bo, "/v1/approvals")).approvals.find(({ id }: { id: string }) => id === waiting.id);
    expect(Object.keys(canary).sort()).toEqual(Object.keys(line).sort());
    const shown = await get(bo, `/v1/approvals/${canary.id}`);
    const other = await get(bo, `/v1/approvals/${waiting.id}`);
    expect(Object.keys(shown).sort()).toEqual(Object.keys(other).sort());
    expect(shown.openedAt).toMatch(/\.\d{4,6}Z$/);
    expect(JSON.stringify(shown)).not.toMatch(/canary|seeded/i);
    // Nothing of it is told while it waits.
    expect(await get(bo, "/v1/approvals/canaries")).toMatchObject({ share: 1, caught: 0, missed: 0, last: [] });

    const [heardByAna, heardByBo] = [await listen(ana), await listen(bo)];
    const denied = await answer(bo, canary.id, "deny");
    await until(async () => (/"kind":"canary"/.test(heardByBo()) ? true : undefined));
    await answer(ana, waiting.id, "deny");
    await until(async () => (heardByAna().includes(waiting.id) ? true : undefined));
    expect(heardByAna()).not.toContain("canary");
    expect(denied.json.canary).toMatchObject({ caught: true });
    expect(denied.json.canary.sentence).toContain("you caught a seeded request");
    expect(await get(bo, "/v1/approvals/canaries")).toMatchObject({ caught: 1, missed: 0, caughtShare: 1 });
    expect(await get(ana, "/v1/approvals/canaries")).toMatchObject({ caught: 0, missed: 0, caughtShare: null });
    expect((await get(bo, "/v1/answers")).answers[0]).toMatchObject({ action: canary.id, canary: { caught: true } });
    expect((await answer(bo, canary.id, "deny")).status).not.toBe(200);
  });

  it("run under no circumstances: an approved one reaches no table of actions, no ledger of actions and no server", async () => {
    const { submit, answer, get, plane, end, page } = stage;
    const real = await submit("run.md");
    await answer(bo, real.id, "approve");
    expect(await end(real.id)).toMatchObject({ state: "done" });
    const canary = await seeded(bo, []);
    const shown = await get(bo, `/v1/approvals/${canary.id}`);
    const before = await all("select subject from entry where kind = 'intent'");
    const approved = await answer(bo, canary.id, "approve", 400);
    expect(approved.json.canary).toMatchObject({ caught: false });
    expect(approved.json.canary.sentence).toContain("should have been denied");
    await plane.running.control.hall.sweep();
    plane.running.control.hall.nudge(canary.id);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await all("select subject from entry where kind = 'intent'")).toEqual(before);
    expect(await all("select * from entry where subject = $1", [canary.id])).toEqual([]);
    expect(await all("select * from open_action where id = $1", [canary.id])).toEqual([]);
    expect(await all("select * from answer where action = $1", [canary.id])).toEqual([]);
    const written = existsSync(shown.args.path) ? readFileSync(shown.args.path, "utf8") : "";
    expect(written).not.toContain("curl");
    expect(shown.args.path.includes(".ssh") || shown.args.content.includes("curl")).toBe(true);
    expect(existsSync(page(".ssh/authorized_keys"))).toBe(false);
    // Even somebody who writes to the table of what is open cannot make an action of it.
    const forge = (id: string) =>
      all(
        `insert into open_action (id, state, step, agent, workflow, run, server, tool, verb, target, environment, call_digest, frozen_by)
         values ($1, 'ready', 0, 'scribe', 'docs-upkeep', 'run', 'files', 'write_file', 'execute', 't', 'sandbox', 'd', 'stp')`,
        [id],
      );
    const refused = await forge(canary.id).catch((thrown: Error) => String(thrown.cause));
    expect(refused).toContain("sqlstate P0001");
    const other = `${canary.id.slice(0, -4)}0000`;
    expect(await forge(other)).toEqual([]);
    await all("delete from open_action where id = $1", [other]);
    expect(await get(bo, "/v1/approvals/canaries")).toMatchObject({
      missed: 1,
      last: [{ id: canary.id, caught: false }, {}],
    });
  });

  it("are in the ledger as governance, and their receipt is for that person alone", async () => {
    const { get, plane, as } = stage;
    const rows = await all("select subject, person from entry where kind = 'canary' order by at");
    expect(rows).toMatchObject([{ person: bo }, { person: bo }]);
    const path = `/v1/receipts/${String(rows[1]?.subject)}`;
    expect(await get(bo, path)).toMatchObject({ kind: "canary", payload: { caught: false, verdict: "approve" } });
    for (const other of [ana, cy]) expect((await plane.call("GET", path, as(other))).status).toBe(404);
  });

  it("MT-42 whoever clicks through is flagged to themself and to who may read it, and whoever looks is not", async () => {
    const { submit, answer, get, page } = stage;
    const text = Array.from({ length: 80 }, (_, index) => `line ${index} of a page that has to be read`).join("\n");
    for (let count = 0; count < 11; count++) {
      writeFileSync(page(`click-${count}.md`), "old\n");
      const { id } = await submit(`click-${count}.md`, text);
      expect((await answer(bo, id, "approve", 300)).status).toBe(200);
    }
    writeFileSync(page("careful.md"), "old\n");
    const { id } = await submit("careful.md", text);
    await answer(ana, id, "deny", 30_000);
    const own = (await get(bo, "/v1/approvals/load")).approvers.find((one: { person: string }) => one.person === bo);
    expect(own.signals.map(({ signal }: { signal: string }) => signal)).toEqual(["too_fast", "canary_missed"]);
    const seen = (await get(cy, "/v1/approvals/load")).approvers;
    const [forAna, forBo] = [ana, bo].map((person) => seen.find((one: { person: string }) => one.person === person));
    // How they did with what was seeded is theirs alone.
    expect(forBo.signals.map(({ signal }: { signal: string }) => signal)).toEqual(["too_fast"]);
    expect(forAna.signals).toEqual([]);
  });

  /** The figure at the top and the inbox itself, as one person is told both. */
  const both = async (email: string) => {
    const [now, inbox] = [await stage.get(email, "/v1/now"), await stage.get(email, "/v1/approvals?limit=200")];
    const opened = inbox.approvals.map(({ openedAt }: { openedAt: string }) => openedAt).sort();
    return { figure: now.held, list: { count: opened.length, oldestAt: opened[0] ?? null }, lines: inbox.approvals };
  };

  it("are in the figure of what waits, for their approver alone, so that figure and inbox never differ", async () => {
    await all("delete from canary where answered_at is null");
    const real = await stage.submit("figure.md");
    await stage.answer(bo, real.id, "deny");
    await seeded(bo, []);
    const [forBo, forAna] = [await both(bo), await both(ana)];
    expect(forBo.figure).toEqual(forBo.list);
    expect(forBo.figure.count).toBe(1);
    expect(forAna.figure).toEqual(forAna.list);
    expect(forAna.figure).toEqual({ count: 0, oldestAt: null });
    const waiting = await stage.submit("figure-2.md");
    const later = await both(bo);
    expect(later.figure).toEqual(later.list);
    expect(later.figure.count).toBe(2);
    expect((await both(ana)).figure.count).toBe(1);
    await stage.answer(ana, waiting.id, "deny");
  });

  it("are frozen by a stop like everything that waits, and no new one comes while a stop is in force", async () => {
    const { plane, as, submit, answer, get } = stage;
    const real = await submit("stopped.md");
    const [one] = (await both(bo)).lines.filter(({ id }: { id: string }) => id !== real.id);
    const shown = await get(bo, `/v1/approvals/${one.id}`);
    const stopped = { scope: "tool", name: "files.write_file", reason: "a test" };
    const { stop } = (await plane.call("POST", "/v1/stops", { ...as(ana), body: stopped })).json;
    const lines = (await both(bo)).lines;
    expect(lines.map(({ frozenBy }: { frozenBy: string }) => frozenBy)).toEqual([stop.id, stop.id]);
    // What is asked about it is answered alike, too.
    const { callDigest, shownDigest } = shown;
    for (const [path, body] of [
      ["answer", { verdict: "deny", reason: "no", callDigest, shownDigest }],
      ["ask", { callDigest, shownDigest, question: "why?" }],
    ] as const) {
      const refused = await plane.call("POST", `/v1/approvals/${one.id}/${path}`, { ...as(bo), body });
      expect([refused.status, refused.json.detail]).toEqual([409, "it is frozen by a stop; lift the stop first"]);
    }
    // One whose time comes now would be the only request that was ever held under a stop.
    await all("update canary set opened_at = clock_timestamp() where id = $1", [one.id]);
    const left = await both(bo);
    expect(left.lines.map(({ id }: { id: string }) => id)).toEqual([real.id]);
    expect(left.figure).toEqual(left.list);
    expect((await plane.call("GET", `/v1/approvals/${one.id}`, as(bo))).status).toBe(404);
    await plane.call("POST", `/v1/stops/${stop.id}/lift`, { ...as(bo), body: { reason: "done" } });
    const again = await both(bo);
    expect(again.lines.map(({ frozenBy }: { frozenBy?: string }) => frozenBy)).toEqual([undefined, undefined]);
    expect(again.figure.count).toBe(2);
    await answer(ana, real.id, "deny");
  });

  it("have as much time left after a stop as before it, however long it was", async () => {
    const { plane, as, submit, answer, get } = stage;
    const real = await submit("long.md");
    const { id } = (await both(bo)).lines.find((line: { id: string }) => line.id !== real.id);
    const leftOf = async () =>
      Number(
        (await all("select extract(epoch from expires_at - now())::float8 as s from canary where id = $1", [id]))[0]?.s,
      );
    const [left, { lapsed }] = [await leftOf(), await get(bo, "/v1/approvals/canaries")];
    for (const body of [
      { scope: "tool", name: "files.write_file", reason: "a test" },
      { scope: "everything", reason: "a test", forMs: 10_000 },
    ]) {
      const { stop } = (await plane.call("POST", "/v1/stops", { ...as(ana), body })).json;
      // The stop lasts for longer than there was time to answer.
      for (const column of ["opened_at", "expires_at", "frozen_at"])
        await all(`update canary set ${column} = ${column} - interval '90 days' where id = $1`, [id]);
      const during = await both(bo);
      expect(during.lines.map(({ frozenBy }: { frozenBy: string }) => frozenBy)).toEqual([stop.id, stop.id]);
      expect(during.figure).toEqual(during.list);
      if (body.forMs === undefined)
        await plane.call("POST", `/v1/stops/${stop.id}/lift`, { ...as(bo), body: { reason: "done" } });
      await until(async () =>
        (await both(bo)).lines.some(({ frozenBy }: { frozenBy?: string }) => frozenBy !== undefined) ? undefined : true,
      );
      await until(async () => ((await leftOf()) > 0 ? true : undefined));
      expect(Math.abs((await leftOf()) - left)).toBeLessThan(60);
      expect((await both(bo)).figure.count).toBe(2);
    }
    expect((await get(bo, "/v1/approvals/canaries")).lapsed).toBe(lapsed);
    await answer(ana, real.id, "deny");
  });

  it("go with what a stop refuses, and count for nobody", async () => {
    const { plane, as, submit, get } = stage;
    await submit("voided.md");
    expect((await both(bo)).figure.count).toBe(2);
    const { lapsed } = await get(bo, "/v1/approvals/canaries");
    const body = { scope: "everything", reason: "a test", voids: true };
    const { stop } = (await plane.call("POST", "/v1/stops", { ...as(ana), body })).json;
    expect((await both(bo)).lines).toEqual([]);
    await plane.call("POST", `/v1/stops/${stop.id}/lift`, { ...as(bo), body: { reason: "done" } });
    expect(await both(bo)).toMatchObject({ lines: [], figure: { count: 0, oldestAt: null } });
    expect((await get(bo, "/v1/approvals/canaries")).lapsed).toBe(lapsed);
  });

  it("go with the action that they were made from", async () => {
    const [row] = await all("select origin from canary limit 1");
    const { dropCanaries } = await import("../../packages/countersign/src/approvals/canary-sql.ts");
    await dropCanaries(stage.plane.running.control.parts.db, [String(row?.origin)]);
    expect(await all("select * from canary where origin = $1", [row?.origin])).toEqual([]);
  });
});
