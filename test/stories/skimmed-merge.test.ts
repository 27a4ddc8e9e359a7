import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";
import { openRepo, type RepoServer, repoFile } from "../support/repo-server.ts";

let plane: TestPlane;
let repo: RepoServer;
let agent: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  repo = await openRepo();
  plane = await openTestPlane({
    add: { "tools/repo.yaml": repoFile(repo.url) },
    edit: {
      // A look is long enough after no time at all: what is left is what was opened.
      "countersign.yaml": (text) => `${text}\napprovals: { skim: { floor: 1s }, canaries: { share: 0% } }\n`,
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("ask:\n", "ask:\n  - { tool: repo.merge_pull_request, from: editors, open: 4h }\n"),
    },
  });
  for (const email of [ana, bo]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  for (let left = 3; left > 0; ) {
    const { reviews } = (await plane.call("GET", "/v1/catalog/reviews", as(ana))).json;
    for (const { server, tool, digest } of reviews.filter((one: { server: string }) => one.server === "repo")) {
      const body = { server, tool, digest, answer: "approve" };
      if ((await plane.call("POST", "/v1/catalog/reviews", { ...as(ana), body })).status === 200) left -= 1;
    }
  }
});
afterAll(async () => {
  await plane?.close();
  await repo?.close();
});

const as = (email: string) => ({ key: keys.get(email) ?? "" });
const get = async (email: string, path: string) => (await plane.call("GET", path, as(email))).json;

async function merge(pullNumber: number): Promise<string> {
  const body = { server: "repo", tool: "merge_pull_request", arguments: { pullNumber } };
  const { id, state, sentence } = (await plane.call("POST", "/v1/actions", { key: agent, body })).json;
  expect([state, sentence]).toEqual(["held", sentence]);
  return id;
}

/** Long after it was shown, so that how long it was looked at is no question here. */
async function approve(email: string, id: string, opened?: readonly string[]) {
  const { callDigest, shownDigest } = await get(email, `/v1/approvals/${id}`);
  await until(async () => {
    const [row] = (
      await plane.running.control.parts.db.query<{ old: boolean }>(
        "select first_at < clock_timestamp() - interval '1.1 seconds' as old from approval_shown where action = $1 and person = $2",
        [id, email],
      )
    ).rows;
    return row?.old === true ? true : undefined;
  });
  const body = { verdict: "approve", callDigest, shownDigest, ...(opened === undefined ? {} : { opened }) };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
}

const end = async (id: string, waitMs = 10_000) =>
  (await plane.call("GET", `/v1/actions/${id}?waitMs=${waitMs}`, { key: agent })).json;

describe("MT-198 a merge with a high risk", () => {
  it("asks a second reviewer where its files were never opened, however long it was looked at", async () => {
    const id = await merge(12);
    const shown = await get(bo, `/v1/approvals/${id}`);
    expect(shown).toMatchObject({ risk: { level: "high" }, effect: { known: false } });
    expect(shown.parts.filter(({ kind }: { kind: string }) => kind === "file")).toHaveLength(12);
    expect(shown.parts[0]).toEqual({ id: "file/0", kind: "file", name: "src/part-0.ts", size: expect.any(Number) });
    const skim = await approve(bo, id, ["call", "before", "why", "file/0", "file/1"]);
    expect(skim.json.skimmed).toBe(
      "the risk is high and most of what it does was never opened, so one more person is asked",
    );
    expect(await end(id, 300)).toMatchObject({ state: "held" });
    const asked = await until(async () => {
      const found = await get(ana, `/v1/approvals/${id}`);
      return found.requirements[0].count === 2 ? found : undefined;
    });
    expect(asked.requirements[0]).toMatchObject({ raised: true });
    // Opening all of it afterwards does not take that back.
    const all = shown.parts.map((one: { id: string }) => one.id);
    expect((await approve(bo, id, all)).status).toBe(200);
    expect(await end(id, 300)).toMatchObject({ state: "held" });
    expect(repo.merged).not.toContain(12);
    expect((await approve(ana, id, all)).json.skimmed).toBeUndefined();
    expect(await end(id)).toMatchObject({ state: "done" });
    expect(repo.merged).toContain(12);
    const { approvals } = await get(ana, `/v1/receipts/${id}`);
    expect(approvals.answers[0]).toMatchObject({
      person: bo,
      skimmed: true,
      unopened: true,
      looked: { opened: ["file/0", "file/1", "call", "before", "why"], of: 12, seen: 2, asked: 0 },
    });
    expect(approvals.sentence).toContain(
      "having opened 2 of 12 parts, with most of it never opened, so that one more person was asked",
    );
    expect(approvals.answers[2].looked).toMatchObject({ of: 12, seen: 12 });
  });

  it("counts what no client names as not opened, and takes no part that the request does not have", async () => {
    const id = await merge(5);
    const strange = await approve(bo, id, ["file/5"]);
    expect(strange).toMatchObject({
      status: 400,
      json: { detail: "the request has no part `file/5`", at: "/opened", help: "`parts` of the approval names them" },
    });
    const body = { verdict: "approve", callDigest: "x", shownDigest: "x", opened: ["<b>"] };
    expect((await plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(bo), body })).status).toBe(400);
    expect((await approve(bo, id)).json.skimmed).toContain("never opened");
    expect(await end(id, 300)).toMatchObject({ state: "held" });
  });

  it("asks nobody else where most of its files were opened, or whoever approves had asked its agent back", async () => {
    const opened = await merge(6);
    expect((await approve(bo, opened, ["file/0", "file/2", "file/4"])).json.skimmed).toBeUndefined();
    expect(await end(opened)).toMatchObject({ state: "done" });
    const questioned = await merge(7);
    const { callDigest, shownDigest } = await get(bo, `/v1/approvals/${questioned}`);
    const body = { callDigest, shownDigest, question: "does this break the limits?" };
    expect((await plane.call("POST", `/v1/approvals/${questioned}/ask`, { ...as(bo), body })).status).toBe(200);
    expect((await approve(bo, questioned)).json.skimmed).toBeUndefined();
    expect(await end(questioned)).toMatchObject({ state: "done" });
    const { approvals } = await get(ana, `/v1/receipts/${questioned}`);
    expect(approvals.answers[0].looked).toMatchObject({ seen: 0, asked: 1 });
    // What somebody else asked is no look of this person.
    const other = await merge(8);
    const shown = await get(ana, `/v1/approvals/${other}`);
    const question = { callDigest: shown.callDigest, shownDigest: shown.shownDigest, question: "why now?" };
    await plane.call("POST", `/v1/approvals/${other}/ask`, { ...as(ana), body: question });
    expect((await approve(bo, other)).json.skimmed).toContain("never opened");
  });

  it("asks nobody else of a short change, and still does after too short a look at all of it", async () => {
    const id = await merge(101);
    expect((await approve(bo, id, ["file/0"])).json.skimmed).toBeUndefined();
    expect(await end(id)).toMatchObject({ state: "done" });
    const fast = await merge(102);
    const { callDigest, shownDigest, parts } = await get(bo, `/v1/approvals/${fast}`);
    const opened = parts.map((one: { id: string }) => one.id);
    const body = { verdict: "approve", callDigest, shownDigest, opened, dwellMs: 10 };
    const said = await plane.call("POST", `/v1/approvals/${fast}/answer`, { ...as(bo), body });
    expect(said.json.skimmed).toContain("for less than this workspace calls a look");
    expect(await end(fast, 300)).toMatchObject({ state: "held" });
  });
});
