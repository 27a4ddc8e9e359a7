import { join } from "node:path";
import { type Completeness, connect } from "@countersign/client";
import type { Json, JsonObject } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { readRecorded } from "../../packages/countersign/src/ledger/read-recorded.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";
import { plantIn, type Told } from "../support/plant.ts";

const workflow = "workflows/docs-upkeep.yaml";
let plane: TestPlane;
let key: string;
let cli: TestCli;
/** A page that Bo approved, whose owner may not. */
let written: string;

beforeAll(async () => {
  plane = await openTestPlane({
    edit: { [workflow]: (text) => text.replace("exclude: [requester]", "exclude: [requester, owner]") },
  });
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(cy) });
  written = await write("kept.md");
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const submit = async (tool: string, args: object) =>
  (await plane.call("POST", "/v1/actions", { key, body: { server: "files", tool, arguments: args } })).json;
const at = (name: string): string => join(plane.folder, "sandbox/pages", name);

async function write(name: string): Promise<string> {
  const held = await submit("write_file", { path: at(name), content: "x\n" });
  expect(held.state).toBe("held");
  const person = await plane.person(bo);
  const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${held.id}`, { key: person })).json;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "fine" };
  await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key: person, body });
  expect((await plane.call("GET", `/v1/actions/${held.id}?waitMs=10000`, { key })).json.state).toBe("done");
  return held.id;
}

const checked = async (query: object = {}): Promise<Completeness> =>
  connect({ url: plane.url, key: await plane.person(cy) }).ledger.completeness(query);
const gapsOf = async (action: string) =>
  (await checked()).gaps.filter((gap) => gap.action === action).map(({ kind, sentence }) => `${kind}: ${sentence}`);

const plant = (of: string, otherwise: (entries: readonly Told[]) => readonly Told[]) => plantIn(plane, of, otherwise);

/** As somebody who owns the tables and switches their guard off. */
async function asOwner(text: string, values: readonly unknown[]): Promise<void> {
  const { owner } = plane.database;
  await owner.query("alter table entry disable trigger entry_stays");
  await owner.query(text, [...values]);
  await owner.query("alter table entry enable trigger entry_stays");
}

describe("MT-210 the completeness of the log over a window", () => {
  it("is whole after all kinds of ends, and says of each share how many there are", async () => {
    const listed = await submit("list_directory", { path: at("") });
    const unasked = await submit("move_file", { source: at("kept.md"), destination: at("gone.md") });
    const held = await submit("write_file", { path: at("waits.md"), content: "x\n" });
    await submit("no_such_tool", {});
    expect([listed.state, unasked.state, held.state]).toEqual(["done", "refused", "held"]);
    expect((await plane.call("POST", "/v1/actions", { body: {} })).status).toBe(401);
    // A read's outcome rides the next batch.
    const found = await until(async () => {
      const now = await checked();
      return now.reasons.inFlight === 0 ? now : undefined;
    });
    expect(found.gaps).toEqual([]);
    expect(found).toMatchObject({ found: 0, isComplete: true, reasons: { refused: 3, waiting: 1 } });
    expect(found.measures).toMatchObject({
      intent: { of: 2, have: 2, share: 1 },
      inputs: { of: found.actions, have: found.actions, share: 1 },
      outcome: { of: found.actions - 1, have: found.actions - 1 },
      outputs: { of: 2, have: 2 },
      approval: { of: 1, have: 1 },
      order: { share: 1 },
    });
    expect(found.actions).toBe(6);
    expect(found.log.sealed?.size).toBeGreaterThan(0);
    expect(found.log.anchors.length).toBeGreaterThan(0);
  });

  it("is of one workflow and one window where asked so, and refuses a window that ends before it begins", async () => {
    expect(await checked({ workflow: "code-review" })).toMatchObject({ actions: 0, isComplete: true });
    expect(await checked({ until: "2020-01-01" })).toMatchObject({ actions: 0 });
    expect((await checked({ workflow: "docs-upkeep" })).actions).toBeGreaterThan(3);
    const person = await plane.person(cy);
    const bad = await plane.call("GET", "/v1/ledger/completeness?since=2026-01-02&until=2026-01-01", { key: person });
    expect([bad.status, bad.json.at]).toEqual([400, "/since"]);
  });

  it("is told to auditors, and not to an agent; who looked is on record", async () => {
    expect((await plane.call("GET", "/v1/ledger/completeness", { key })).status).toBe(403);
    const { rows } = await plane.database.db.query(
      "select person from entry where kind = 'read' and subject like 'gov%' order by at desc limit 1",
      [],
    );
    expect(rows).toEqual([{ person: cy }]);
  });

  it("names an action that was let through and that nothing says the end of", async () => {
    const id = await plant(written, (all) => all.slice(0, -1));
    expect(await gapsOf(id)).toEqual([]);
    expect((await checked()).reasons.inFlight).toBe(1);
    // All that it says, from an hour before.
    await asOwner(
      "update entry set at = at - interval '1 hour', recorded_at = recorded_at - interval '1 hour' where subject = $1",
      [id],
    );
    const gaps = await gapsOf(id);
    expect(gaps).toContain("outcome: it was let through, and nothing on record says what became of it");
    // Whoever moves an entry in time moves it away from its place in the chain.
    expect(gaps.some((gap) => gap.startsWith("order: "))).toBe(true);
  });

  it("names an answer that is not there, inputs that are not, and what was not sealed by this plane", async () => {
    const empty = await plant(written, (all) =>
      all.map((one) => (one.kind === "outcome" ? { ...one, payload: { kind: "answered" } } : one)),
    );
    expect(await gapsOf(empty)).toEqual([
      "outputs: it was answered, and neither the answer nor why it is not kept is on record",
    ]);
    const bare = await plant(written, ([first, ...more]) => {
      const { call: _, ...payload } = (first as Told).payload;
      return [{ ...(first as Told), payload: payload as JsonObject }, ...more];
    });
    expect(await gapsOf(bare)).toContain("inputs: its first entry does not hold what was asked for");
    const broken = await plant(written, (all) => all);
    await asOwner("update entry set sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20)) where subject = $1", [
      broken,
    ]);
    expect(await gapsOf(broken)).toContain("inputs: what is stored of it is not what was sealed");
    const lost = await plant(written, (all) => all);
    await plane.database.db.query("delete from subject_key where subject = $1", [lost]);
    expect(await gapsOf(lost)).toEqual(["inputs: the key of what it holds is gone, and no erasure of it is on record"]);
  });

  it("names what ran without a decision that let it", async () => {
    const id = await plant(written, (all) => all.map((one) => (one.kind === "intent" ? { ...one, payload: {} } : one)));
    expect(await gapsOf(id)).toContain("intent: its intent does not hold a decision that let it through");
    const early = await plant(written, (all) =>
      all.map((one) =>
        one.kind === "outcome" ? { ...one, payload: { ...one.payload, dispatchedAt: "2026-01-01T00:00:00Z" } } : one,
      ),
    );
    expect(await gapsOf(early)).toEqual(["intent: it was sent before its intent was on record"]);
  });
});

it("MT-210 takes what was erased by a deed on record for recorded, and says how many", async () => {
  const id = await write("forgotten.md");
  const before = await checked();
  const body = { subjects: [id], reason: "they asked us to forget them" };
  const asked = await plane.call("POST", "/v1/erasures", { key: await plane.person(ana), body });
  const sign = { key: await plane.person(bo), body: {} };
  expect((await plane.call("POST", `/v1/erasures/${asked.json.id}/sign`, sign)).json.erased).toBe(true);
  const after = await checked();
  expect(after.gaps.filter(({ action }) => action === id)).toEqual([]);
  expect(after.reasons.erased).toBe(before.reasons.erased + 1);
  expect(after.measures.inputs.have).toBe(before.measures.inputs.have);
  expect(after.measures.approval.of).toBe(before.measures.approval.of - 1);
});

it("MT-210 does not believe a row that says it was erased, where no deed is on record that erased it", async () => {
  const id = await plant(written, (all) => all);
  const { db } = plane.database;
  await db.query("delete from subject_key where subject = $1", [id]);
  const lost = "inputs: the key of what it holds is gone, and no erasure of it is on record";
  const { rows } = await db.query<{ subject: string }>("select subject from entry where kind = 'read' limit 1", []);
  const [read] = rows;
  await db.query("insert into erasure (subject, deed, finished_at) values ($1, $2, now())", [id, newId("gov")]);
  expect(await gapsOf(id)).toEqual([lost]);
  // Nor one that names a deed of another kind.
  await db.query("update erasure set deed = $2 where subject = $1", [id, read?.subject]);
  expect(await gapsOf(id)).toEqual([lost]);
});

it("MT-210 is of actions: what was only asked about is none", async () => {
  const before = await checked();
  const body = { server: "files", tool: "list_directory", arguments: { path: at("") } };
  const asked = await plane.call("POST", "/v1/decisions", { key, body });
  expect(asked.json, asked.text).toMatchObject({ advisory: true });
  const { actions, reasons } = await checked();
  expect(actions).toBe(before.actions);
  expect(reasons).not.toHaveProperty("advisory");
});

describe("MT-212 the approver when one is required is counted anew", () => {
  const policy = "docs-upkeep/approval/files.write_file";

  it("names an action whose approval stands in its decision alone", async () => {
    const id = await plant(written, (all) => all.filter(({ kind }) => kind !== "approved"));
    expect(await gapsOf(id)).toEqual([
      `approval: its decision counts an approval of ${bo} for \`${policy}\`, and no entry before it ran holds that approval`,
      `approval: \`${policy}\` asked for an approval from \`editors\`, and none that counts is on record`,
    ]);
  });

  it("names one that ran though nobody answered", async () => {
    const id = await plant(written, (all) =>
      all
        .filter(({ kind }) => kind !== "approved")
        .map((one) => (one.kind === "intent" ? { ...one, payload: withApprovals(one.payload, []) } : one)),
    );
    expect(await gapsOf(id)).toEqual([
      `approval: \`${policy}\` asked for an approval from \`editors\`, and none that counts is on record`,
    ]);
  });

  it("names an answer of somebody who is excluded", async () => {
    const id = await plant(written, (all) =>
      all.map((one) => {
        if (one.kind === "approved")
          return { ...one, person: ana, payload: { answer: { ...(one.payload.answer as JsonObject), person: ana } } };
        if (one.kind !== "intent") return one;
        const { facts } = one.payload.input as unknown as { facts: { approvals: JsonObject[] } };
        return { ...one, payload: withApprovals(one.payload, [{ ...facts.approvals[0], person: ana }]) };
      }),
    );
    expect(await gapsOf(id)).toEqual([
      `approval: \`${policy}\` asked for an approval from \`editors\`, and none that counts is on record: ${ana} is excluded from answering it`,
    ]);
  });

  it("names an answer to another call, and one that the entry's own writer did not give", async () => {
    const other = await plant(written, (all) =>
      all.map((one) =>
        one.kind === "approved"
          ? { ...one, payload: { answer: { ...(one.payload.answer as JsonObject), callDigest: "sha256:other" } } }
          : one,
      ),
    );
    expect((await gapsOf(other)).at(-1)).toMatch(/bo@acme\.example approved another call than the one that ran$/);
    const forged = await plant(written, (all) =>
      all.map((one) => (one.kind === "approved" ? { ...one, person: ana } : one)),
    );
    expect(await gapsOf(forged)).toHaveLength(2);
  });

  it("does not ask for an approval that the rules in force do not ask for any more", async () => {
    const before = await checked();
    const person = await plane.person(ana);
    const { files } = (await plane.call("GET", "/v1/workspace/files", { key: person })).json;
    const held = await submit("write_file", { path: at("later.md"), content: "x\n" });
    const changed = {
      ...files,
      [workflow]: files[workflow]
        .replace(/ {2}- tool: files\.write_file\n(?: {4}.*\n)+/, "")
        .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
        .replace("  - files.get_file_info\n", "  - files.get_file_info\n  - files.write_file\n"),
    };
    const applied = await plane.call("POST", "/v1/workspace/apply", { key: person, body: { files: changed } });
    expect(applied.status, applied.text).toBe(202);
    const second = await plane.person(bo);
    const { digest } = (await plane.call("GET", `/v1/proposals/${applied.json.proposal}`, { key: second })).json;
    await plane.call("POST", `/v1/proposals/${applied.json.proposal}/sign`, { key: second, body: { digest } });
    plane.running.control.hall.nudge(held.id);
    const end = await plane.call("GET", `/v1/actions/${held.id}?waitMs=20000`, { key });
    expect(end.json.state).toBe("done");
    const after = await checked();
    expect(await gapsOf(held.id)).toEqual([]);
    expect(after.reasons.released).toBe(before.reasons.released + 1);
  });
});

describe("MT-211 the times of entries only rise", () => {
  it("names one that goes back, and one that is later than the database's own time", async () => {
    const back = await plant(written, (all) => all);
    await asOwner("update entry set at = at - interval '1 minute' where subject = $1 and step = 2", [back]);
    const gaps = await gapsOf(back);
    expect(gaps).toContain("order: the time of step 2 is before that of step 1");
    expect(gaps).toContain("order: step 2 is not later than the entry before it in its chain");
    const ahead = await plant(written, (all) => all);
    await asOwner("update entry set at = at + interval '1 hour' where subject = $1 and step = 4", [ahead]);
    expect((await gapsOf(ahead)).some((gap) => /says 3600 s later than the database's time/.test(gap))).toBe(true);
  });

  it("names an entry that was taken out of the log", async () => {
    const id = await plant(written, (all) => all);
    await asOwner("delete from entry where subject = $1 and step = 1", [id]);
    const gaps = await gapsOf(id);
    expect(gaps).toContain("order: its step 1 is missing: step 2 stands there");
    expect(gaps.some((gap) => /is entry \d+ of its writer, and entry \d+ is not there$/.test(gap))).toBe(true);
  });
});

describe("MT-210 an action whose first entries were taken out", () => {
  it("is listed by the first that is left, and what is missing is named", async () => {
    const before = await checked();
    const id = await plant(written, (all) => all);
    await asOwner("delete from entry where subject = $1 and step = 0", [id]);
    const gaps = await gapsOf(id);
    expect(gaps).toContain("inputs: its first entry, which says who asked for what, is not there");
    expect(gaps).toContain("order: its step 0 is missing: step 1 stands there");
    expect((await checked()).actions).toBe(before.actions + 1);
    expect((await checked({ workflow: "docs-upkeep" })).gaps.some(({ action }) => action === id)).toBe(true);
    expect((await checked({ workflow: "code-review" })).actions).toBe(0);
    // All of them but the last: nothing says that it was let through.
    await asOwner("delete from entry where subject = $1 and to_state is distinct from 'done'", [id]);
    expect(await gapsOf(id)).toContain("intent: it is done, and no intent was on record before it ran");
    expect((await checked()).actions).toBe(before.actions + 1);
  });

  it.each([
    ["all workflows", {}, undefined],
    ["one, of which few are looked at at once", { workflow: "docs-upkeep" }, 8],
  ])("is in its place among the others of %s, whatever the page's size", async (_, of, walked) => {
    const { parts } = plane.running.control;
    const whole = { sinceMs: 0, untilMs: Date.now() + 3_600_000, ...of };
    const all = (await readRecorded(parts.db, whole, 1_000, parts.wrap)).actions.map(({ subject }) => subject);
    expect(all.length).toBeGreaterThan(5);
    expect(all).toEqual(all.toSorted().reverse());
    for (const size of [1, 2, 3, 7]) {
      const paged: string[] = [];
      let before: string | undefined;
      do {
        const filter = { ...whole, ...(before === undefined ? {} : { before }) };
        const page = await readRecorded(parts.db, filter, size, parts.wrap, walked);
        paged.push(...page.actions.map(({ subject }) => subject));
        before = page.next;
      } while (before !== undefined);
      expect(paged).toEqual(all);
    }
  });
});

describe("the command line", () => {
  it("ends with 1 where there are gaps, and with 0 where there are none", async () => {
    const found = await cli.run(["audit", "completeness", "--workflow", "docs-upkeep", "--show", "3"]);
    expect(found.stderr).toBe("");
    expect(found.exit).toBe(1);
    expect(found.stdout).toMatch(/required approvals present +\d+ +\d+ +\d+\.\d\d %/);
    expect(found.stdout).toMatch(/\d+ gaps\n/);
    expect(found.stdout).toMatch(/more are not listed/);
    const json = await cli.run(["audit", "completeness", "--json"]);
    expect(json.exit).toBe(1);
    expect(json.json.gaps.length).toBe(json.json.found);
    const whole = await cli.run(["audit", "completeness", "--workflow", "code-review"]);
    expect([whole.exit, whole.stdout.includes("no gaps")]).toEqual([0, true]);
  });
});

function withApprovals(payload: JsonObject, approvals: readonly JsonObject[]): JsonObject {
  const input = payload.input as JsonObject;
  return { ...payload, input: { ...input, facts: { ...(input.facts as JsonObject), approvals: approvals as Json[] } } };
}
