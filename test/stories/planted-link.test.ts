import { readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bo, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let agent: string;
let approver: string;
let site: string;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => `${text}\napprovals:\n  canaries: { share: 0% }\n` },
  });
  agent = await plane.agent("scribe");
  approver = await plane.person(bo);
  await plane.grantTier("scribe", "docs-upkeep", 2);
  site = readFileSync(join(plane.folder, "production/site.json"), "utf8");
});
afterAll(async () => plane?.close());

const write = async (path: string) => {
  const body = { server: "files", tool: "write_file", arguments: { path: join(plane.folder, path), content: "{}\n" } };
  return (await plane.call("POST", "/v1/actions", { key: agent, body })).json;
};
const inProduction = () => readFileSync(join(plane.folder, "production/site.json"), "utf8");

it("MT-33 a link from the sandbox into production is production, as it is written without a link", async () => {
  symlinkSync("../production", join(plane.folder, "sandbox/link"));
  symlinkSync("../production/site.json", join(plane.folder, "sandbox/one.json"));
  symlinkSync("../production/new.json", join(plane.folder, "sandbox/new.json"));
  for (const path of ["sandbox/link/site.json", "sandbox/link/new.json", "sandbox/one.json", "sandbox/new.json"]) {
    const found = await write(path);
    expect(found).toMatchObject({ state: "refused", environment: "production" });
    expect(JSON.stringify(found)).toContain("a link leads out of it");
  }
  expect(await write("sandbox/pages/plain.md")).toMatchObject({ state: "held", environment: "sandbox" });
  expect(inProduction()).toBe(site);
});

it("a link that is planted while a person is asked is met before anything is sent", async () => {
  const { id } = await write("sandbox/later/site.json");
  const shown = await plane.call("GET", `/v1/approvals/${id}`, { key: approver });
  const { callDigest, shownDigest } = shown.json;
  symlinkSync("../production", join(plane.folder, "sandbox/later"));
  const body = { verdict: "approve", callDigest, shownDigest, reason: "as asked" };
  await plane.call("POST", `/v1/approvals/${id}/answer`, { key: approver, body });
  const end = await plane.call("GET", `/v1/actions/${id}?waitMs=20000`, { key: agent });
  expect(end.json.state).not.toBe("done");
  expect(inProduction()).toBe(site);
  rmSync(join(plane.folder, "sandbox/later"));
});

it("a link in the place of a root leads where it leads", async () => {
  const [root, moved] = [join(plane.folder, "sandbox"), join(plane.folder, "sandbox-moved")];
  renameSync(root, moved);
  symlinkSync("production", root);
  try {
    expect(await write("sandbox/site.json")).toMatchObject({ state: "refused", environment: "production" });
    expect(inProduction()).toBe(site);
  } finally {
    rmSync(root);
    renameSync(moved, root);
  }
});
