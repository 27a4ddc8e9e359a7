import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonical, type Shown, shownDocument } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let agent: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\napprovals:\n  canaries: { share: 0% }\n` },
  });
  for (const email of [ana, bo, cy]) keys.set(email, await plane.person(email));
  agent = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(async () => plane?.close());

const page = (name: string) => join(plane.folder, "sandbox/pages", name);
const as = (email: string) => ({ key: keys.get(email) ?? "" });
const get = async (email: string, path: string) => (await plane.call("GET", path, as(email))).json;

async function submit(tool: string, args: object): Promise<string> {
  const { json } = await plane.call("POST", "/v1/actions", {
    key: agent,
    body: { server: "files", tool, arguments: args },
  });
  expect(json).toMatchObject({ state: "held" });
  return json.id;
}
const write = (name: string, content = "text") => submit("write_file", { path: page(name), content });

describe("what an approver is shown", () => {
  it("is the difference of the target, how it is undone, why they are asked and what would be enough", async () => {
    writeFileSync(page("shown.md"), "one\ntwo\nthree\n");
    const id = await write("shown.md", "one\n2\nthree\nfour\n");
    const { json } = await plane.call("GET", `/v1/approvals/${id}`, as(bo));
    expect(json.effect).toEqual({
      known: true,
      sentence: "3 lines of content: 2 added, 1 removed",
      changes: [
        { kind: "text", at: "content", added: 2, removed: 1, lines: ["  one", "- two", "+ 2", "  three", "+ four"] },
      ],
      beside: [],
    });
    console.log(JSON.stringify({ ...json, before: 0, plan: 0, args: 0 }, null, 1));
    const document = canonical(shownDocument(json as Shown));
    expect(json.shownDigest).toBe(`sha256:${createHash("sha256").update(document).digest("hex")}`);
  });
});
