import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let asAna: TestCli;
const keys = new Map<string, string>();

beforeAll(async () => {
  plane = await openTestPlane();
  for (const person of [ana, bo, cy]) keys.set(person, await plane.person(person));
  asAna = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: keys.get(ana) ?? "" });
  keys.set("scribe", await plane.agent("scribe"));
  const body = { server: "files", tool: "list_directory", arguments: { path: join(plane.folder, "sandbox") } };
  const done = await plane.call("POST", "/v1/actions", { key: keys.get("scribe") ?? "", body });
  expect(done.json.state).toBe("done");
});
afterAll(async () => {
  asAna?.close();
  await plane?.close();
});

describe("what workflows use of their grants, by the command line", () => {
  it("MT-117 is proposed as a narrower file, with the difference and the replay of what was done", async () => {
    const ran = await asAna.run(["grants", "minimise", "docs-upkeep"]);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain("used: files.list_directory, 1 call");
    expect(ran.stdout).toContain("never used: files.write_file");
    expect(ran.stdout).toContain("replayed: 1 of 1 decisions are the same under it");
    const { json } = await asAna.run(["--json", "grants", "minimise", "docs-upkeep", "--days", "7"]);
    expect(json).toMatchObject({ days: 7, isWhole: true, replay: { work: 1, same: 1, broken: [] } });
    expect(json.text).toContain("use: only-within");
    // What its author wrote beside the values stays.
    expect(json.text).toContain("tier: 2 # asked for; what is in force is earned");
  });

  it("has the exits of its mistakes, and is not for those who may not read what is private", async () => {
    expect((await asAna.run(["grants", "minimise", "nobody"])).exit).toBe(5);
    expect((await asAna.run(["grants", "minimise", "docs-upkeep", "--days", "0"])).exit).toBe(2);
    for (const key of [keys.get("scribe") ?? ""]) {
      expect((await plane.call("GET", "/v1/workflows/docs-upkeep/grants", { key })).status).toBe(403);
      expect((await plane.call("GET", "/v1/policies/findings", { key })).status).toBe(403);
    }
  });
});

describe("more work than is looked at, by the command line", () => {
  it("ends with 9, proposes nothing and says why", async () => {
    const looked = { days: 30, looked: 3, isWhole: false };
    const uses = {
      workflow: "w",
      used: [{ tool: "s.t", calls: 3 }],
      unused: [],
      file: "w.yaml",
      text: "",
      difference: [],
    };
    const answers: Readonly<Record<string, object>> = {
      "/v1/workflows/w/grants": { ...looked, ...uses, replay: { work: 0, same: 0, broken: [] } },
      "/v1/policies/findings": { ...looked, findings: [] },
    };
    const server = createServer(({ url = "" }, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answers[url.split("?")[0] ?? ""] ?? {}));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cli = openTestCli({ COUNTERSIGN_URL: url, COUNTERSIGN_KEY: keys.get(ana) ?? "" });
    const minimal = await cli.run(["grants", "minimise", "w"]);
    expect(minimal).toMatchObject({ exit: 9, stdout: expect.stringContaining("nothing is proposed") });
    expect(minimal.stdout).not.toMatch(/never used|replayed|taken away/);
    const linted = await cli.run(["policy", "lint", "--unused"]);
    expect(linted).toMatchObject({ exit: 9, stdout: expect.stringContaining("older ones were not") });
    cli.close();
    server.close();
  });
});

describe("MT-192 rules that say nothing new, by the command line", () => {
  it("are none in the example; with `--unused` what decided nothing is told and changes no exit", async () => {
    expect(await asAna.run(["policy", "lint"])).toMatchObject({
      exit: 0,
      stdout: "ok: every rule says something of its own\n",
    });
    const ran = await asAna.run(["--json", "policy", "lint", "--unused"]);
    expect(ran.exit).toBe(0);
    const unused = ran.json.findings.map(({ policy }: { policy: string }) => policy);
    expect(unused).toContain("docs-upkeep/ask/files.write_file");
    expect(unused).not.toContain("docs-upkeep/allow/files.list_directory");
  });

  it("end with 1 where one stands behind another", async () => {
    const rule = (id: string, more: string) =>
      `@id("${id}") forbid (principal, action == Action::"files.write_file", resource) ${more};`;
    mkdirSync(join(plane.folder, "policies"), { recursive: true });
    const text = `${rule("no-writing", "")}\n${rule("no-live-writing", "when { resource.environment.production }")}`;
    writeFileSync(join(plane.folder, "policies/writing.cedar"), text);
    const asked = await asAna.run(["--json", "apply", "--yes", "--workspace", plane.folder]);
    const signed = await plane.call("POST", `/v1/proposals/${asked.json.proposal}/sign`, {
      key: keys.get(bo) ?? "",
      body: { digest: asked.json.plan.to },
    });
    expect(signed.status).toBe(200);
    const ran = await asAna.run(["policy", "lint"]);
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toContain("shadowed no-live-writing (policies/writing.cedar): never decides: `no-writing`");
    expect(ran.stdout).toContain("shadowed docs-upkeep/ask/files.write_file");
  });
});
