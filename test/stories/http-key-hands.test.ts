import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane();
  for (const email of [ana, bo]) keys.set(email, await plane.person(email));
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

async function answer(email: string, id: string) {
  const key = keys.get(email) ?? "";
  const { callDigest, shownDigest = `sha256:${"0".repeat(64)}` } = (
    await plane.call("GET", `/v1/approvals/${id}`, { key })
  ).json;
  const body = { verdict: "approve", callDigest, shownDigest, reason: "fine" };
  return plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
}

it("who lets an agent act for somebody else does not approve what it asks for, and the inbox says so", async () => {
  const made = await plane.call("POST", "/v1/agents/scribe/keys", {
    key: keys.get(bo) ?? "",
    body: { environment: "sandbox", onBehalfOf: cy },
  });
  expect(made.status, made.text).toBe(201);
  const path = join(plane.folder, "sandbox/pages/hands.md");
  const { json } = await plane.call("POST", "/v1/actions", {
    key: made.json.key,
    body: { server: "files", tool: "write_file", arguments: { path, content: "x" } },
  });
  expect(json.state).toBe("held");
  const inbox = (await plane.call("GET", "/v1/approvals", { key: keys.get(bo) ?? "" })).json.approvals;
  expect(inbox.find((one: { id: string }) => one.id === json.id)).toMatchObject({ yours: false });
  expect((await answer(bo, json.id)).status).toBe(403);
  expect((await answer(ana, json.id)).status).toBe(200);
  await expect
    .poll(async () => (await plane.call("GET", `/v1/actions/${json.id}`, { key: made.json.key })).json.state)
    .toBe("done");
});
