import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { recordsOf } from "../../packages/countersign/src/action/stored-record.ts";
import { reportApprovals } from "../../packages/countersign/src/governance/index.ts";
import type { PersonCaller } from "../../packages/countersign/src/identity/caller.ts";
import { readSubject } from "../../packages/countersign/src/ledger/read.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const workflow = "workflows/docs-upkeep.yaml";
const more = ["dee", "eve", "fay"].map((name) => `${name}@acme.example`);
const asAna: PersonCaller = {
  kind: "person",
  email: ana,
  name: "Ana",
  roles: ["dri", "admin", "approver"],
  groups: [],
  credential: "test-ana",
  method: "cli",
};

let plane: TestPlane;
let scribe: string;
let cli: TestCli;
let began = 0;
let narrowed = 0;
let until = 0;
const ids: string[] = [];
const observing = `@id("somebody-looks") @title("somebody looks at what a file is") @mode("observe")
@cure("approval") @from("dri") @count("1") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action == Action::"files.get_file_info", resource)
unless { context.facts.cured.contains("somebody-looks") };
`;

beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        text
          .replace(
            "\ngroups:\n",
            `${more.map((email) => `\n  - { email: ${email}, name: ${email.slice(0, 3)}, roles: [approver], groups: [everyone] }`).join("")}\n\ngroups:\n  everyone: { purpose: look at everything together }\n`,
          )
          .replace(/(email: (?:ana|bo)@acme\.example[\s\S]*?)groups: \[/g, "$1groups: [everyone, "),
      [workflow]: (text) =>
        text.replace("tool: files.write_file\n    from: editors", "tool: files.write_file\n    from: everyone"),
    },
  });
  scribe = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(ana) });

  // Before: everybody is asked about every page.
  began = now();
  for (const name of ["a", "b", "c"]) await written(`${name}.md`);
  await read();
  // After: whoever answers for the work is asked, and nobody else.
  const key = await plane.person(ana);
  const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
  const changed = {
    ...files,
    [workflow]: files[workflow].replace("from: everyone", "from: dri"),
    "policies/observing.cedar": observing,
  };
  const applied = await plane.call("POST", "/v1/workspace/apply", { key, body: { files: changed } });
  if (applied.status !== 202) throw new Error(applied.text);
  const { proposal } = applied.json;
  const second = await plane.person(bo);
  const { digest } = (await plane.call("GET", `/v1/proposals/${proposal}`, { key: second })).json;
  await plane.call("POST", `/v1/proposals/${proposal}/sign`, { key: second, body: { digest } });
  narrowed = now();
  for (const name of ["d", "e"]) await written(`${name}.md`);
  await read();
  await read();
  // Both periods have the same length: the second one lasts at least as long as the first.
  while (now() - narrowed < narrowed - began) await new Promise((resolve) => setTimeout(resolve, 50));
  until = now();
}, 180_000);
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const now = (): number => plane.running.control.parts.ledger.now();

async function submit(tool: string, args: object) {
  const body = { server: "files", tool, arguments: args };
  return (await plane.call("POST", "/v1/actions", { key: scribe, body })).json;
}

async function read(): Promise<void> {
  expect((await submit("list_directory", { path: join(plane.folder, "sandbox/pages") })).state).toBe("done");
}

/** A page that somebody approves. */
async function written(name: string): Promise<void> {
  const held = await submit("write_file", { path: join(plane.folder, "sandbox/pages", name), content: "x\n" });
  expect(held.state).toBe("held");
  const key = await plane.person(bo);
  const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${held.id}`, { key })).json;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "fine" };
  await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key, body });
  expect((await plane.call("GET", `/v1/actions/${held.id}?waitMs=10000`, { key: scribe })).json.state).toBe("done");
  ids.push(held.id);
}

const total = (stretches: readonly { readonly questions: number }[]): number =>
  stretches.reduce((sum, { questions }) => sum + questions, 0);

/** What the report tells of what was asked for from then on. */
async function since(mark: number) {
  const untilMs = now();
  return (await reportApprovals(plane.running.control, asAna, { untilMs, partMs: untilMs - mark, parts: 1 })).period;
}

describe("MT-110 the report of what people were asked", () => {
  it("counts fewer all-hands questions once a rule asks whoever answers for the work instead of everybody", async () => {
    const lengthMs = until - narrowed;
    const report = await reportApprovals(plane.running.control, asAna, { untilMs: until, partMs: lengthMs, parts: 1 });
    const policy = "docs-upkeep/approval/files.write_file";
    expect(report.before).toMatchObject({
      questions: 3,
      allHands: 3,
      asked: 3,
      alone: 1,
      aloneWrites: 0,
      unmeasured: 0,
    });
    expect(report.before.rules).toMatchObject([
      { policy, questions: 3, allHands: 3, people: 5, approvals: 1, open: 0 },
    ]);
    expect(report.period).toMatchObject({
      questions: 2,
      allHands: 0,
      asked: 2,
      alone: 2,
      aloneWrites: 0,
      unmeasured: 0,
    });
    expect(report.period.rules).toMatchObject([
      { policy, questions: 2, allHands: 0, people: 2, approvals: 1, open: 0 },
    ]);
    expect(report.period.rules[0]?.waitMs?.p90).toBeGreaterThan(0);
    expect(report.sentence).toBe(
      "people were asked 2 times, 3 times in the period before; 0 of these were all-hands, 3 before; 2 actions went through without a person because no rule asked for one, 1 before",
    );
  });

  it("tells how much was answered and how fast, of the period alone, and each question once", async () => {
    const lengthMs = until - narrowed;
    const { answers } = await reportApprovals(plane.running.control, asAna, {
      untilMs: until,
      partMs: lengthMs,
      parts: 1,
    });
    expect(answers).toMatchObject({ zone: "UTC", by: "day" });
    expect(answers.stretches[0]?.fromMs).toBe(narrowed);
    expect(answers.stretches.at(-1)?.toMs).toBe(until);
    expect(total(answers.stretches)).toBe(2);
    const both = await reportApprovals(plane.running.control, asAna, {
      untilMs: until,
      partMs: until - began,
      parts: 1,
    });
    expect(total(both.answers.stretches)).toBe(5);
    const { rows } = await plane.database.owner.query<{ ms: number }>(
      `select extract(epoch from max(at) filter (where kind = 'approved') - min(at) filter (where to_state = 'held'))::float8 * 1000 as ms
       from entry where subject = any($1) group by subject order by 1`,
      [ids],
    );
    const slowest = rows.at(-1)?.ms ?? 0;
    expect(slowest).toBeGreaterThan(0);
    const most = Math.max(...both.answers.stretches.map(({ decideMs }) => decideMs?.p90 ?? 0));
    expect(most).toBeCloseTo(slowest, 1);
  });

  it("has no approval without a rule: each in the ledger names the policy that asked, and its text was in force", async () => {
    const { db, wrap } = plane.running.control.parts;
    const { rows } = await plane.database.owner.query<{ subject: string }>(
      "select distinct subject from entry where kind in ('held', 'approved', 'denied') and subject like 'act!_%' escape '!'",
    );
    expect(rows.map(({ subject }) => subject).sort()).toEqual([...ids].sort());
    let approvals = 0;
    for (const { subject } of rows) {
      const asked = new Set<string>();
      for (const record of recordsOf(await readSubject(db, subject, wrap)))
        for (const one of record?.decision?.requirements ?? [])
          if (one.kind === "approval") asked.add(`${one.policy} ${one.policyDigest}`);
      expect(asked.size, subject).toBeGreaterThan(0);
      const key = await plane.person(ana);
      const receipt = (await plane.call("GET", `/v1/receipts/${subject}`, { key })).json;
      for (const { policies } of receipt.approvals.answers) {
        approvals++;
        expect(policies.length, subject).toBeGreaterThan(0);
        for (const { policy, policyDigest } of policies)
          expect([...asked], subject).toContain(`${policy} ${policyDigest}`);
      }
      for (const one of asked) {
        const [, digest] = one.split(" ");
        const known = await plane.database.owner.query("select 1 from policy_text where digest = $1", [digest]);
        expect(known.rows, one).toHaveLength(1);
      }
    }
    expect(approvals).toBe(5);
  });

  it("is the same over HTTP and at the terminal, for who may read what is private, and who looks is noted", async () => {
    const key = await plane.person(ana);
    const { json } = await plane.call("GET", "/v1/approvals/report?weeks=2", { key });
    expect(json).toMatchObject({
      weeks: 2,
      allHands: { people: 3, approvals: 2 },
      period: { questions: 5, allHands: 3, asked: 5, alone: 3, granted: 0 },
      before: { questions: 0, allHands: 0, alone: 0, rules: [] },
      isWhole: true,
      erased: 0,
    });
    expect(json.period.weeks).toHaveLength(2);
    const titles = json.period.rules.map(({ title }: { title: string | null }) => title);
    expect(titles).toEqual(["docs-upkeep asks dri before files.write_file"]);
    const said = await cli.run(["approvals", "report", "--weeks", "2", "--json"]);
    expect(JSON.parse(said.stdout)).toMatchObject({ period: { questions: 5, allHands: 3 } });
    expect((await cli.run(["approvals", "report"])).stdout).toContain("docs-upkeep/approval/files.write_file");
    const { zone, by, stretches } = json.answers;
    expect([zone, by, total(stretches)]).toEqual(["UTC", "day", 5]);
    for (const { since, until: end } of stretches.slice(1, -1))
      expect([since, end].map((at) => at.slice(10))).toEqual(["T00:00:00.000Z", "T00:00:00.000Z"]);
    expect(JSON.parse(said.stdout).answers.stretches).toHaveLength(stretches.length);
    const zoned = await cli.run(["approvals", "report", "--weeks", "9", "--zone", "Asia/Kathmandu", "--json"]);
    expect(JSON.parse(zoned.stdout).answers).toMatchObject({ zone: "Asia/Kathmandu", by: "week" });
    expect(total(JSON.parse(zoned.stdout).answers.stretches)).toBe(5);
    const berlin = "weeks=1&until=2025-01-05&zone=Europe/Berlin";
    const there = (await plane.call("GET", `/v1/approvals/report?${berlin}`, { key })).json;
    expect(there.period.until).toBe("2025-01-05T23:00:00.000Z");
    expect(there.answers.stretches.map(({ since }: { since: string }) => since.slice(11, 13))).toEqual(
      Array.from({ length: 7 }, () => "23"),
    );
    for (const bad of ["Mars/Olympus", "%2B02:00", "x".repeat(65), ""]) {
      const refused = await plane.call("GET", `/v1/approvals/report?zone=${bad}`, { key });
      expect([refused.status, refused.json.code, refused.json.at]).toEqual([400, "invalid", "/zone"]);
    }
    const early = await plane.call("GET", "/v1/approvals/report?weeks=1&until=2025-01-05", { key });
    expect(early.json.period).toMatchObject({ actions: 0, questions: 0, until: "2025-01-06T00:00:00.000Z" });
    expect((await plane.call("GET", "/v1/approvals/report", { key: await plane.person(more[0] ?? "") })).status).toBe(
      403,
    );
    for (const day of ["0000-02-01", "0099-12-31", "9999-12-31"]) {
      const refused = await plane.call("GET", `/v1/approvals/report?until=${day}`, { key });
      expect([refused.status, refused.json.code, refused.json.at], day).toEqual([400, "invalid", "/until"]);
    }
    const oldest = (await plane.call("GET", "/v1/approvals/report?weeks=1&until=0100-01-05", { key })).json;
    expect(oldest.period).toMatchObject({ since: "0099-12-30T00:00:00.000Z", until: "0100-01-06T00:00:00.000Z" });
    const notes = await plane.database.owner.query("select 1 from entry where kind = 'read' and person = $1", [ana]);
    expect(notes.rows.length).toBeGreaterThan(3);
  });

  it("has whole days of the zone up to a day, also where clocks are changed within it", async () => {
    const key = await plane.person(ana);
    const told = async (query: string) => {
      const { json } = await plane.call("GET", `/v1/approvals/report?${query}`, { key });
      const { period, before, answers } = json;
      const since = ({ weeks }: { weeks: readonly { since: string }[] }) => weeks.map((one) => one.since.slice(0, 16));
      return { period, before, answers, weeks: since(period), weeksBefore: since(before) };
    };
    const spring = await told("weeks=4&until=2025-04-13&zone=Europe/Berlin");
    expect(spring.weeks).toEqual(["2025-03-16T23:00", "2025-03-23T23:00", "2025-03-30T22:00", "2025-04-06T22:00"]);
    expect(spring.weeksBefore).toEqual([
      "2025-02-16T23:00",
      "2025-02-23T23:00",
      "2025-03-02T23:00",
      "2025-03-09T23:00",
    ]);
    expect(spring.before.until).toBe(spring.period.since);
    expect(spring.period.until).toBe("2025-04-13T22:00:00.000Z");
    const { stretches } = spring.answers;
    expect(stretches).toHaveLength(28);
    expect([stretches[0].since, stretches.at(-1).until]).toEqual([spring.period.since, spring.period.until]);
    const autumn = await told("weeks=8&until=2025-11-16&zone=Europe/Berlin");
    expect([autumn.answers.by, autumn.answers.stretches.length]).toEqual(["day", 56]);
    const weekly = await told("weeks=9&until=2025-11-16&zone=Europe/Berlin");
    expect(weekly.answers.by).toBe("week");
    expect(weekly.answers.stretches.map(({ since }: { since: string }) => since.slice(0, 16))).toEqual(weekly.weeks);
    expect(weekly.weeks.map((at) => at.slice(11))).toEqual([...Array(6).fill("22:00"), ...Array(3).fill("23:00")]);
  });

  it("looks at no time zone for who may not have it", async () => {
    const zone = "America/Argentina/Ushuaia";
    const [viewer, owner] = [await plane.person(more[0] ?? ""), await plane.person(ana)];
    const made = vi.spyOn(Intl, "DateTimeFormat");
    const looked = () => made.mock.calls.filter(([, options]) => options?.timeZone === zone).length;
    try {
      const query = `/v1/approvals/report?weeks=1&until=2025-01-05&zone=${zone}`;
      expect((await plane.call("GET", query, { key: viewer })).status).toBe(403);
      expect(looked()).toBe(0);
      expect((await plane.call("GET", query, { key: owner })).status).toBe(200);
      expect(looked()).toBe(1);
    } finally {
      made.mockRestore();
    }
  });

  it("counts no question of what was refused before anybody was asked, and tells what is still held", async () => {
    const mark = now();
    const bad = await submit("write_file", { path: join(plane.folder, "sandbox/pages/f.md"), contents: "x\n" });
    expect(bad).toMatchObject({ state: "refused", refusal: "check" });
    const { db, wrap } = plane.running.control.parts;
    const records = recordsOf(await readSubject(db, bad.id, wrap));
    expect(records.map((record) => record?.decision?.effect)).toContain("require");
    expect(await since(mark)).toMatchObject({ actions: 1, asked: 0, alone: 0, questions: 0, rules: [] });
    const held = await submit("write_file", { path: join(plane.folder, "sandbox/pages/g.md"), content: "x\n" });
    expect(held.state).toBe("held");
    expect(await since(mark)).toMatchObject({
      actions: 2,
      asked: 1,
      alone: 0,
      questions: 1,
      waitMs: null,
      rules: [{ questions: 1, open: 1 }],
    });
  });

  it("counts a denial and an edit as answers, and not what its agent took back", async () => {
    const mark = now();
    const answered = async () => {
      const untilMs = now();
      const report = await reportApprovals(plane.running.control, asAna, { untilMs, partMs: untilMs - mark, parts: 1 });
      return [report.period.questions, total(report.answers.stretches)];
    };
    const key = await plane.person(bo);
    const ask = async (name: string) => {
      const held = await submit("write_file", { path: join(plane.folder, "sandbox/pages", name), content: "x\n" });
      expect(held.state).toBe("held");
      const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${held.id}`, { key })).json;
      return { id: held.id, callDigest, shownDigest };
    };
    const back = await ask("h.md");
    const cancelled = await plane.call("POST", `/v1/actions/${back.id}/cancel`, {
      key: scribe,
      body: { reason: "no" },
    });
    expect(cancelled.json).toMatchObject({ state: "refused", refusal: "cancelled" });
    expect(await answered()).toEqual([1, 0]);
    const { id, ...denied } = await ask("i.md");
    const body = { ...denied, verdict: "deny", reason: "not this" };
    expect((await plane.call("POST", `/v1/approvals/${id}/answer`, { key, body })).json.state).toBe("refused");
    expect(await answered()).toEqual([2, 1]);
    const { id: first, ...digests } = await ask("j.md");
    const args = { path: join(plane.folder, "sandbox/pages/j.md"), content: "y\n" };
    const edit = { ...digests, arguments: args, reason: "shorter" };
    const edited = (await plane.call("POST", `/v1/approvals/${first}/edit`, { key, body: edit })).json;
    expect(edited).toMatchObject({ first: { refusal: "edited" }, counts: true });
    await plane.call("GET", `/v1/actions/${edited.edited.id}?waitMs=10000`, { key: scribe });
    // The edit answers the first question, and approves the edited call.
    expect(await answered()).toEqual([4, 3]);
  });

  it("tells what went through because its rule is only observed from what no rule asked about", async () => {
    const mark = now();
    await read();
    const looked = await submit("get_file_info", { path: join(plane.folder, "sandbox/pages/a.md") });
    expect(looked.state).toBe("done");
    expect(await since(mark)).toMatchObject({ actions: 2, alone: 1, observed: 1, asked: 0, questions: 0 });
    const { sentence } = await reportApprovals(plane.running.control, asAna, { partMs: now() - mark, parts: 1 });
    expect(sentence).toContain("; 1 because the rule that would have asked or denied is only observed, 0 before");
  });

  it("begins where the period ends and stops where it begins, also where the ledger has much more", async () => {
    const { control } = plane.running;
    const { db } = control.parts;
    const asked: { readonly text: string; readonly values: unknown[]; readonly rows: number }[] = [];
    const watched = async (...call: Parameters<typeof db.query>) => {
      const answer = await db.query(...call);
      const [query, values] = call;
      const { name, text } = typeof query === "string" ? { name: undefined, text: query } : query;
      if (name === "deciding-since")
        asked.push({
          text,
          values: [...((typeof query === "string" ? values : query.values) ?? [])],
          rows: answer.rows.length,
        });
      return answer;
    };
    const parts = { ...control.parts, db: Object.assign(Object.create(db), { query: watched }) };
    const dayMs = 86_400_000;
    const report = (untilMs: number) =>
      reportApprovals({ ...control, parts }, asAna, { untilMs, partMs: dayMs, parts: 1 });
    expect(await report(now() - dayMs)).toMatchObject({ erased: 0, isWhole: true, period: { actions: 0 } });
    expect(asked.map(({ rows }) => rows)).toEqual([0]);
    // Whatever moment an entry tells: what has an older id is not walked.
    asked.length = 0;
    expect(await report(now() + 3 * dayMs)).toMatchObject({ period: { actions: 0 }, before: { actions: 0 } });
    const [first] = asked;
    const values = first?.values.map((value) =>
      typeof value === "string" && /^\d{4}-/.test(value) ? new Date(0).toISOString() : value,
    );
    expect(values).not.toEqual(first?.values);
    expect((await db.query(first?.text ?? "", values)).rows).toEqual([]);
  });

  it("counts what was erased of its periods, not what came later", async () => {
    const { control } = plane.running;
    const { db } = control.parts;
    const erased = async (...call: Parameters<typeof db.query>) => {
      const answer = await db.query(...call);
      return { ...answer, rows: answer.rows.map((row) => ({ ...row, wrapped: null })) };
    };
    const parts = { ...control.parts, db: Object.assign(Object.create(db), { query: erased }) };
    const wanted = { untilMs: narrowed, partMs: 86_400_000, parts: 1 };
    const report = await reportApprovals({ ...control, parts }, asAna, wanted);
    expect(report).toMatchObject({ erased: 4, period: { actions: 0 } });
  });

  it("is counted once at a time, and no longer than somebody waits for it", async () => {
    const { control } = plane.running;
    const wanted = { partMs: 86_400_000, parts: 1 };
    const both = await Promise.allSettled([
      reportApprovals(control, asAna, wanted),
      reportApprovals(control, asAna, wanted),
    ]);
    expect(both).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { code: "too_many" } }]);
    const gone = reportApprovals(control, asAna, { ...wanted, signal: AbortSignal.abort() });
    await expect(gone).rejects.toMatchObject({ code: "unavailable" });
    expect(await reportApprovals(control, asAna, wanted)).toMatchObject({ isWhole: true });
  });
});
