import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { urlOf } from "../support/database.ts";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";
import { startProduct } from "../support/product.ts";

const workflow = `workflow: docs-upkeep
purpose: keep the pages in the sandbox true
dri: ${ana}
deputy: ${bo}
pattern: autonomous-nonprod
agents: [scribe]
tier: 2
allow:
  - files.read_text_file
  - files.write_file
budget: { calls: { perMinute: 1000 } }
`;

let plane: TestPlane;
let agent: string;
beforeAll(async () => {
  plane = await openTestPlane({ edit: { "workflows/docs-upkeep.yaml": () => workflow } });
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string) => join(plane.folder, "sandbox/pages", name);
const rows = async <Row>(text: string, values: unknown[]) => (await plane.database.owner.query<Row>(text, values)).rows;

/** A run that wrote one after another over the same few files. */
async function written(prefix: string, count: number) {
  const body = { agent: "scribe", task: "bring the pages up to date" };
  const run = (await plane.call("POST", "/v1/runs", { key: await plane.person(ana), body })).json.id as string;
  const names = ["a", "b", "c"].map((name) => `${prefix}-${name}.md`);
  for (const name of names) writeFileSync(page(name), "old\n");
  for (let at = 0; at < count; at++) {
    const path = page(names[at % names.length] ?? "");
    const call = { server: "files", tool: "write_file", arguments: { path, content: `${at}\n` }, run };
    expect((await plane.call("POST", "/v1/actions", { key: agent, body: call })).json).toMatchObject({ state: "done" });
  }
  return { run, names };
}

const reversal = async (run: string) =>
  (await plane.call("GET", `/v1/runs/${run}/reversal?limit=200`, { key: await plane.person(bo) })).json;

/** INVARIANT of both: each deed was undone by one action, in opposite order, and no undo was sent twice. */
async function expectOnce(run: string, count: number): Promise<void> {
  const states = await rows<{ readonly state: string; readonly sent: number }>(
    `select f.subject, (select to_state from entry l where l.subject = f.subject order by step desc limit 1) as state,
       (select count(*)::int from entry i where i.subject = f.subject and i.to_state = 'running') as sent
     from entry f where f.run = $1 and f.step = 0 order by f.subject`,
    [run],
  );
  expect(states.slice(0, count).every(({ state }) => state === "reversed")).toBe(true);
  const undos = states.slice(count);
  expect(undos.filter(({ state }) => state === "done")).toHaveLength(count);
  expect(undos.every(({ state, sent }) => sent <= 1 && (state === "done" || state === "failed"))).toBe(true);
  const { steps } = await reversal(run);
  const undone = steps.map(({ undo }: { undo: string }) => undo);
  expect(new Set(undone).size).toBe(count);
  expect(undone).toEqual(undone.toSorted());
}

it("a server killed in the middle of a reversal leaves what is to be done, and the next one ends it, each undo once", async () => {
  const count = 24;
  const { run, names } = await written("killed", count);
  const key = await plane.person(ana);
  await plane.startAgain(async () => {
    const product = await startProduct({
      COUNTERSIGN_DATA: join(dirname(plane.folder), "data"),
      COUNTERSIGN_WORKSPACE: plane.folder,
      COUNTERSIGN_PORT: "0",
      DATABASE_URL: plane.database.url,
      DATABASE_ADMIN_URL: urlOf(plane.database.ownerAt),
    });
    const body = { reason: "it was the wrong brief" };
    const asked = await plane.call("POST", `/v1/runs/${run}/reverse`, { key, body, url: product.url });
    expect(asked.status).toBe(202);
    const done = async () => {
      const text = "select deed from run_reversal_step where reversal = $1 and state = 'done'";
      return (await rows(text, [asked.json.id])).length;
    };
    await until(async () => ((await done()) >= 3 ? true : undefined));
    await product.kill();
    expect(await done()).toBeLessThan(count);
  });
  const ended = await until(async () => {
    const now = await reversal(run);
    // What was on its way is unknown until its lease is over and somebody looked: here a person, where nothing else can tell.
    if (now.waitsFor?.because === "unknown" && now.waitsFor.action !== null) {
      const { json } = await plane.call("GET", `/v1/actions/${now.waitsFor.action}`, { key });
      if (json.state === "unknown") {
        const deed = (await plane.call("GET", `/v1/receipts/${json.id}`, { key })).json;
        const { path, content } = deed.what?.arguments ?? {};
        const happened = path !== undefined && readFileSync(path, "utf8") === content;
        const settle = { happened, evidence: "looked into the file" };
        await plane.call("POST", `/v1/unknowns/${json.id}/settle`, { key, body: settle });
      }
    }
    if (now.state === "stopped")
      await plane.call("POST", `/v1/runs/${run}/reverse`, { key, body: { reason: "it did not happen" } });
    return now.state === "ended" ? now : undefined;
  }, 120_000);
  expect(ended).toMatchObject({ total: count, done: count, left: 0 });
  for (const name of names) expect(readFileSync(page(name), "utf8")).toBe("old\n");
  await expectOnce(run, count);
});

it("two replicas that each believe to have it undo each action once, in one order", async () => {
  const count = 12;
  const { run, names } = await written("both", count);
  const other = await plane.replica();
  const key = await plane.person(ana);
  const body = { reason: "it was the wrong brief" };
  const asked = await plane.call("POST", `/v1/runs/${run}/reverse`, { key, body, url: other.url });
  await until(async () => {
    await rows("update run_reversal set lease_until = clock_timestamp() - interval '1 s' where id = $1", [
      asked.json.id,
    ]);
    return (await reversal(run)).state === "ended" ? true : undefined;
  }, 120_000);
  for (const name of names) expect(readFileSync(page(name), "utf8")).toBe("old\n");
  await expectOnce(run, count);
  await other.close();
});
