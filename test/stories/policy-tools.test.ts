import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

// Each runs several processes one after the other.
vi.setConfig({ testTimeout: 240_000 });

const guardrail = `@id("no-empty-pages")
@title("a page is never emptied")
forbid (principal, action == Action::"files.write_file", resource)
when { context.args has content && context.args.content == "" };

@id("leads-read-what-is-tainted")
@title("leads look at what a tainted run writes")
@cure("approval") @from("leads") @count("1") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action in [Action::"files.write_file", Action::"files.edit_file"], resource)
when { context.run.tainted && context.facts.reversal != "none" }
unless { context.facts.cured.contains("leads-read-what-is-tainted") };
`;

const cases = `cases:
  - name: a page is written after an editor said yes
    agent: scribe
    tool: files.write_file
    args: { path: sandbox/pages/a.md, content: hello }
    environment: sandbox
    approvals: [bo@acme.example]
    expect: { effect: allow, policies: [docs-upkeep/ask/files.write_file] }
  - name: nobody empties a page
    agent: scribe
    tool: files.write_file
    args: { path: sandbox/pages/a.md, content: "" }
    environment: sandbox
    approvals: [bo@acme.example]
    expect: { effect: deny, policies: [no-empty-pages] }
  - name: a page without content is not an empty page
    agent: scribe
    tool: files.write_file
    args: { path: sandbox/pages/a.md }
    environment: sandbox
    expect: { effect: require, requires: [{ approval: editors, count: 1 }] }
  - name: a tainted run asks the leads, too
    agent: scribe
    tool: files.write_file
    args: { path: sandbox/pages/a.md, content: hello }
    environment: sandbox
    facts: { tainted: true, reversal: plan }
    expect:
      effect: require
      requires: [{ approval: editors }, { approval: leads, count: 1 }]
  - name: one person's yes is for both who ask them
    agent: scribe
    tool: files.edit_file
    args: { path: sandbox/pages/a.md, edits: [] }
    environment: sandbox
    facts: { tainted: true, reversal: plan }
    approvals: [bo@acme.example]
    expect: { effect: allow }
  - name: what cannot be undone is not the leads'
    agent: scribe
    tool: files.edit_file
    args: { path: sandbox/pages/a.md, edits: [] }
    environment: sandbox
    facts: { tainted: true, reversal: none }
    expect: { effect: require, requires: [{ approval: editors }] }
`;

let plane: TestPlane;
let root: string;
let folder: string;
let cli: TestCli;
let base: Readonly<Record<string, string>>;

/** Writes files of the workspace folder that commands are run on. */
function put(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

beforeAll(async () => {
  plane = await openTestPlane();
  root = mkdtempSync(join(tmpdir(), "countersign-policy-"));
  folder = join(root, "workspace");
  cpSync(plane.folder, folder, { recursive: true });
  base = (await read(folder)).files;
  cli = openTestCli({ COUNTERSIGN_URL: plane.url });
  const link = (await invite(plane.running.control, "countersign", ana)).shownOnce.reveal();
  await cli.run(["login"], { input: `${plane.url}/login?link=${link}\n` });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
  rmSync(root, { recursive: true, force: true });
});

describe("policy test", () => {
  it("runs the cases beside the policies, and says what none of them looks at", async () => {
    put({ "policies/pages.cedar": guardrail, "policies/pages.test.yaml": cases });
    const ran = await cli.run(["policy", "test", folder, "--json"]);
    expect(ran.stderr).toBe("");
    expect(ran.json.cases.filter((one: { passed: boolean }) => !one.passed)).toEqual([]);
    expect(ran.exit).toBe(0);
    const coverage = ran.json.coverage.filter((one: { source: string }) => one.source === "own");
    expect(coverage).toMatchObject([
      { policy: "leads-read-what-is-tainted", covered: true },
      {
        policy: "no-empty-pages",
        covered: true,
        conditions: [
          { text: "when { context.args has content }", decisive: 1 },
          { text: 'when { context.args.content == "" }', decisive: 2 },
        ],
      },
    ]);
    expect(ran.json.score).toBeGreaterThanOrEqual(75);
    // None of these cases looks at who may answer.
    expect(ran.json.mutation.survivors).toContainEqual(expect.objectContaining({ fault: "lets the requester answer" }));
    expect(ran.json.mutation.survivors).not.toContainEqual(expect.objectContaining({ fault: "drops the forbid" }));
  });

  it("names what fails, what decides no case, and the faults that nobody would notice", async () => {
    const one = cases.slice(0, cases.indexOf("  - name: nobody empties")).replace("effect: allow", "effect: deny");
    put({ "policies/pages.test.yaml": one });
    const ran = await cli.run(["policy", "test", folder]);
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toContain("FAIL  a page is written after an editor said yes  policies/pages.test.yaml:2");
    expect(ran.stdout).toContain("expected deny, and it is allow");
    expect(ran.stdout).toContain(
      'decides no case: unless { context.facts.cured.contains("leads-read-what-is-tainted") }',
    );
    expect(ran.stdout).toContain("survives  no-empty-pages: drops the forbid");
  });

  it("finds no score where it is not reached", async () => {
    put({ "policies/pages.test.yaml": cases.slice(0, cases.indexOf("  - name: nobody empties")) });
    expect(await cli.run(["policy", "test", folder])).toMatchObject({ exit: 0 });
    expect(await cli.run(["policy", "test", folder, "--least-score", "80%"])).toMatchObject({ exit: 1 });
  });

  it("says where a case names what is not there, and what was probably meant", async () => {
    put({ "policies/pages.test.yaml": cases.replaceAll("agent: scribe", "agent: scrobe") });
    const ran = await cli.run(["policy", "test", folder, "--json"]);
    expect(ran.json.cases[0].failures).toEqual(["there is no agent `scrobe`; did you mean `scribe`?"]);
    put({ "policies/pages.test.yaml": cases.replace("effect: allow", "efect: allow") });
    const misspelt = await cli.run(["policy", "test", folder]);
    expect(misspelt.exit).toBe(2);
    expect(misspelt.stderr).toContain("policies/pages.test.yaml:8:");
  });
});

describe("activation", () => {
  it("refuses the whole set where one of its tests fails, and what is in force stays in force", async () => {
    const key = await plane.person(ana);
    const before = (await plane.call("GET", "/v1/workspace", { key })).json;
    const wrong = cases.replace("effect: deny", "effect: allow").replace(", policies: [no-empty-pages]", "");
    const files = { ...base, "policies/pages.cedar": guardrail, "policies/pages.test.yaml": wrong };
    const refused = await plane.call("POST", "/v1/workspace/apply", { key, body: { files } });
    expect(refused).toMatchObject({ status: 400, json: { code: "invalid", at: "policies/pages.test.yaml:9:5" } });
    expect(refused.json.detail).toContain("the test `nobody empties a page` fails: expected allow, and it is deny");
    expect((await plane.call("GET", "/v1/workspace", { key })).json).toEqual(before);
    const sound = { ...files, "policies/pages.test.yaml": cases };
    const proposed = await plane.call("POST", "/v1/workspace/apply", { key, body: { files: sound } });
    expect(proposed.status).toBe(202);
    expect(JSON.stringify(proposed.json.plan)).toContain("6 test cases");
    const withdrawn = await plane.call("POST", `/v1/proposals/${proposed.json.proposal}/withdraw`, {
      key: await plane.person(bo),
      body: { reason: "a test" },
    });
    expect(withdrawn.status).toBe(200);
  });
});

describe("policy check", () => {
  const checked = async (cedar: string, ...options: string[]) => {
    rmSync(join(folder, "policies"), { recursive: true, force: true });
    put({ "policies/x.cedar": cedar });
    return cli.run(["policy", "check", folder, "--json", ...options]);
  };
  const forbid = (condition: string, tool = "files.write_file", more = ""): string =>
    `@id("x")\n${more}forbid (principal, action == Action::"${tool}", resource)\nwhen { ${condition} };\n`;

  it("says where a policy is wrong and what was meant, also without a server", async () => {
    const syntax = await checked(`@id("x")\nforbid (principal, action, resource) wen { true };`, "--offline");
    expect(syntax).toMatchObject({ exit: 2, json: { ok: false, problems: [{ file: "policies/x.cedar", line: 2 }] } });
    const cure = await checked(forbid("true", "files.write_file", '@cure("aproval")\n'), "--offline");
    expect(JSON.stringify(cure.json.problems)).toContain("did you mean `approval`?");
    const annotation = await checked(forbid("true", "files.write_file", '@tittle("x")\n'), "--offline");
    expect(annotation.json.problems[0]).toMatchObject({
      message: "annotation `@tittle` is not known",
      help: "did you mean `title`?",
    });
    const offline = await checked(forbid("true", "files.writ_file"), "--offline");
    expect(offline).toMatchObject({ exit: 0, json: { ok: true, offline: true } });
  });

  it("asks the server about tools, facts and types", async () => {
    const tool = await checked(forbid("true", "files.writ_file"));
    expect(tool).toMatchObject({ exit: 2, json: { offline: false } });
    expect(JSON.stringify(tool.json)).toContain("files.write_file");
    const fact = await checked(forbid("context.facts.stoped"));
    expect(fact).toMatchObject({ exit: 2, json: { problems: [{ line: 3, column: 8 }] } });
    expect(JSON.stringify(fact.json)).toContain("stopped");
    const type = await checked(forbid("context.args has content && context.args.content > 5"));
    expect(type).toMatchObject({ exit: 2, json: { problems: [{ file: "policies/x.cedar", line: 3 }] } });
    const never = await checked(forbid('principal.tier > 1 && !(principal.tier > 1) && resource in Agent::"scribe"'));
    expect(never.exit).toBe(2);
    expect(JSON.stringify(never.json)).toContain("impossible");
    expect(await checked(guardrail)).toMatchObject({ exit: 0, json: { ok: true, problems: [] } });
  });

  it("ends well on 10,000 parentheses and on a megabyte of text", async () => {
    const deep = await checked(forbid(`${"(".repeat(10_000)}true${")".repeat(10_000)}`), "--offline");
    expect(deep).toMatchObject({ exit: 2, json: { problems: [{ file: "policies/x.cedar" }] } });
    expect(deep.json.problems[0].message).toMatch(/nesting|deep/);
    const long = await checked(`// ${"x".repeat(1_048_576)}`, "--offline");
    expect(long).toMatchObject({ exit: 2 });
    expect(long.json.problems[0].message).toMatch(/too large|longer/);
    // The server that was asked the same answers, and decides on.
    const key = await plane.person(ana);
    const files = { ...base, "policies/x.cedar": forbid(`${"(".repeat(10_000)}true${")".repeat(10_000)}`) };
    const asked = await plane.call("POST", "/v1/policies/check", { key, body: { files } });
    expect(asked.json.ok).toBe(false);
    expect((await plane.call("GET", "/v1/policies", { key })).status).toBe(200);
  });

  it("is for people who may look into private things", async () => {
    const stranger = await plane.call("POST", "/v1/policies/test", {
      key: await plane.person(cy),
      body: { files: base },
    });
    expect(stranger.status).toBe(200);
    const agent = await plane.call("POST", "/v1/policies/test", {
      key: await plane.agent("scribe"),
      body: { files: base },
    });
    expect(agent.status).toBe(403);
  });
});

describe("rules of workflow files", () => {
  const workflow = (rules: string): Readonly<Record<string, string>> => ({
    "workflows/docs-upkeep.yaml": `${base["workflows/docs-upkeep.yaml"]}${rules}`,
  });
  const bound = `rules:
  - rule: no page is ever emptied
    by: [no-empty-pages]
  - rule: an editor looks at each page before it is written
    by: [docs-upkeep/approval/files.write_file, "check:secrets"]
`;

  it("MT-37 each binds to what is enforced, and lint fails on one that does not", async () => {
    rmSync(join(folder, "policies"), { recursive: true, force: true });
    put({ "policies/pages.cedar": guardrail, ...workflow(bound) });
    expect(await cli.run(["policy", "check", folder, "--json"])).toMatchObject({ exit: 0, json: { unenforced: [] } });
    put(workflow(`${bound}  - rule: be careful with the front page\n`));
    const prose = await cli.run(["policy", "check", folder, "--json"]);
    expect(prose).toMatchObject({
      exit: 1,
      json: { ok: true, unenforced: [{ rule: "be careful with the front page", state: "prose" }] },
    });
    expect(prose.json.problems[0]).toMatchObject({ file: "workflows/docs-upkeep.yaml", severity: "warning" });
    expect(prose.json.problems[0].line).toBeGreaterThan(50);
    put({
      "policies/pages.cedar": guardrail.replace('@title("a page', '@mode("observe") @title("a page'),
      ...workflow(bound),
    });
    expect(await cli.run(["policy", "check", folder, "--json"])).toMatchObject({
      exit: 1,
      json: { unenforced: [{ state: "observed" }] },
    });
    for (const [name, why] of [
      ["no-emty-pages", "did you mean `no-empty-pages`?"],
      ["docs-upkeep/ask/files.write_file", "permits, and enforces nothing"],
      ["repo-survey/block/git.git_push", "not for this workflow"],
      ["check:sums", "there is no check `sums`"],
    ] as const) {
      const files = { ...base, "policies/pages.cedar": guardrail, ...workflow(bound.replace("no-empty-pages", name)) };
      const asked = await plane.call("POST", "/v1/policies/check", { key: await plane.person(ana), body: { files } });
      expect(asked.json.ok).toBe(false);
      expect(asked.json.problems[0].message).toContain(why);
    }
  });

  it("MT-37 one that names what is not there is not put in force, and prose is shown as unenforced", async () => {
    const key = await plane.person(ana);
    const files = { ...base, "policies/pages.cedar": guardrail };
    const unbound = { ...files, ...workflow(bound.replace("no-empty-pages", "no-such-policy")) };
    expect((await plane.call("POST", "/v1/workspace/apply", { key, body: { files: unbound } })).status).toBe(400);
    const prose = { ...files, ...workflow(`${bound}  - rule: be careful\n`) };
    const proposed = await plane.call("POST", "/v1/workspace/apply", { key, body: { files: prose } });
    const { json: shown } = await plane.call("GET", `/v1/proposals/${proposed.json.proposal}`, {
      key: await plane.person(bo),
    });
    await plane.call("POST", `/v1/proposals/${proposed.json.proposal}/sign`, {
      key: await plane.person(bo),
      body: { digest: shown.digest },
    });
    const ran = await cli.run(["workflow", "show", "docs-upkeep"]);
    expect(ran.stdout).toContain("  enforced  no page is ever emptied: policy `no-empty-pages`");
    expect(ran.stdout).toContain("  unenforced  be careful: nothing enforces it");
    // Words that this version only writes down are shown for what they are, too.
    expect(ran.stdout).toContain("  unenforced  `budget.run`: this version writes it down and does not enforce it");
    expect(ran.stdout).not.toContain("`escalation`");
  });
});
