import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
let since = 0;
let narrowed = 0;
let until = 0;
const ids: string[] = [];

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
  since = now();
  for (const name of ["a", "b", "c"]) await written(`${name}.md`);
  await read();
  // After: whoever answers for the work is asked, and nobody else.
  const key = await plane.person(ana);
  const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
  const changed = { ...files, [workflow]: files[workflow].replace("from: everyone", "from: dri") };
  const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key, body: { files: changed } })).json;
  const second = await plane.person(bo);
  const { digest } = (await plane.call("GET", `/v1/proposals/${proposal}`, { key: second })).json;
  await plane.call("POST", `/v1/proposals/${proposal}/sign`, { key: second, body: { digest } });
  narrowed = now();
  for (const name of ["d", "e"]) await written(`${name}.md`);
  await read();
  await read();
  // Both periods have the same length: the second one lasts at least as long as the first.
  while (now() - narrowed < narrowed - since) await new Promise((resolve) => setTimeout(resolve, 50));
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
    const early = await plane.call("GET", "/v1/approvals/report?weeks=1&until=2025-01-05", { key });
    expect(early.json.period).toMatchObject({ actions: 0, questions: 0, until: "2025-01-06T00:00:00.000Z" });
    expect((await plane.call("GET", "/v1/approvals/report", { key: await plane.person(more[0] ?? "") })).status).toBe(
      403,
    );
    const notes = await plane.database.owner.query("select 1 from entry where kind = 'read' and person = $1", [ana]);
    expect(notes.rows.length).toBeGreaterThan(3);
  });
});
