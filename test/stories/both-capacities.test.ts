import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const both = `@id("both")
@title("The DRI is asked as well")
@cure("approval") @from("dri") @count("1") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action in [Action::"execute"], resource)
unless { context.facts.cured.contains("both") };
`;

let plane: TestPlane;
let agent: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\napprovals:\n  canaries: { share: 0% }\n` },
    add: { "policies/both.cedar": both },
  });
  for (const email of [ana, bo]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const as = (email: string) => ({ key: keys.get(email) ?? "" });
const get = async (email: string, path: string) => (await plane.call("GET", path, as(email))).json;

async function held(name: string): Promise<string> {
  const path = join(plane.folder, "sandbox/pages", name);
  const body = { server: "files", tool: "write_file", arguments: { path, content: "text\n" } };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  expect(json).toMatchObject({ state: "held" });
  return json.id;
}

async function approve(email: string, id: string, more: object = {}) {
  const { callDigest, shownDigest } = await get(email, `/v1/approvals/${id}`);
  const body = { verdict: "approve", callDigest, shownDigest, reason: "as asked", ...more };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { ...as(email), body });
}

it("one answer of one person who is both is told to suffice, and its receipt names each capacity", async () => {
  const id = await held("both.md");
  const { why } = await get(ana, `/v1/approvals/${id}`);
  expect(why.questions.map(({ from, missing }: { from: string; missing: number }) => [from, missing]).sort()).toEqual([
    ["dri", 1],
    ["editors", 1],
  ]);
  expect(why.sentence).toContain("; one approval of one person who is both suffices: ana@acme.example");
  expect(await approve(ana, id)).toMatchObject({ status: 200 });
  const end = await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key: agent });
  expect(end.json).toMatchObject({ state: "done" });
  const { approvals } = await get(ana, `/v1/receipts/${id}`);
  expect(approvals.answers).toHaveLength(1);
  expect(approvals.sentence).toMatch(/editors/);
  expect(approvals.sentence).toMatch(/DRI/);
});

it("that is not told where one of the two has answered already", async () => {
  const id = await held("one-left.md");
  expect(await approve(bo, id, { policy: "both" })).toMatchObject({ status: 200 });
  const { why } = await get(ana, `/v1/approvals/${id}`);
  expect(why.questions.filter(({ missing }: { missing: number }) => missing > 0)).toHaveLength(1);
  expect(why.sentence).not.toContain("who is both");
});
