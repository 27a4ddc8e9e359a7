import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, openTestPlane, type TestPlane } from "../support/plane.ts";

const invariants = (when: string, more = "") => `invariants:
  - name: only-pages
    title: nothing but pages is ever written
    when: |
      ${when}
${more}`;
/** By the path as the catalog reads it: `pages/../x` lies in none of them, and `like` would let it pass. */
const isPage = (): string =>
  `context.args.parsed has path && context.args.parsed.path.within.contains(${JSON.stringify(join(plane.folder, "sandbox/pages"))})`;
const guard = (): string => `@id("only-pages")
forbid (principal, action in [Action::"files.write_file", Action::"files.edit_file"], resource)
unless { ${isPage()} };
`;
const written = 'action == Action::"files.write_file"';

let plane: TestPlane;
let key: string;
let cli: TestCli;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "workflows/docs-upkeep.yaml": (text) => text.replace("pattern: guardrailed", "pattern: autonomous-nonprod"),
    },
  });
  key = await plane.person(ana);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

type Files = Record<string, string>;
const draft = (more: Files): Files => ({ ...plane.running.control.keeper.loaded().files, ...more });
const prove = (files: Files, invariant?: string) =>
  plane.call("POST", "/v1/policies/prove", { key, body: { files, ...(invariant === undefined ? {} : { invariant }) } });
const diff = (files: Files, against?: Files) =>
  plane.call("POST", "/v1/policies/diff", { key, body: { files, ...(against === undefined ? {} : { against }) } });

// A solver starts anew for each request, and every request compiles a whole set.
const slow = { timeout: 300_000 };

describe("what is proven of policies before they are in force", slow, () => {
  it("MT-148 MT-112 is what ships, of every set: no low tier executes, production needs all three, a stop stops", async () => {
    const { status, json } = await prove(draft({}));
    expect(status).toBe(200);
    expect(json.holds).toBe(true);
    expect(json.invariants.map(({ name, answer, solver }: Record<string, unknown>) => [name, answer, solver])).toEqual([
      ["low-tiers-never-execute", "proved", null],
      ["production-needs-everything", "proved", null],
      ["a-stop-stops-everything", "proved", null],
      ["unreviewed-never-allowed", "proved", null],
    ]);
  });

  it("is an organisation's own invariant, or a request that breaks it, and such a set is not put in force", async () => {
    const files = draft({
      "policies/pages.cedar": guard(),
      "policies/invariants.yaml": invariants(`${written} && !(${isPage()})`),
    });
    expect((await prove(files, "only-pages")).json).toMatchObject({ holds: true, invariants: [{ answer: "proved" }] });

    const { "policies/pages.cedar": _, ...unguarded } = files;
    const broken = (await prove(unguarded, "only-pages")).json;
    expect(broken).toMatchObject({ holds: false, invariants: [{ answer: "counter-example", solver: "z3-solver" }] });
    const [{ request, decision, sentence }] = broken.invariants;
    expect(decision.effect).toBe("allow");
    expect(request).toMatchObject({ principal: { agent: "scribe" }, action: { tool: "files.write_file" } });
    expect(sentence).toContain("`files.write_file`");

    for (const path of ["/v1/workspace/plan", "/v1/workspace/apply"]) {
      const refused = await plane.call("POST", path, { key, body: { files: unguarded } });
      expect(refused.status, path).toBe(400);
      expect(refused.json.detail).toMatch(/^invariant `only-pages` does not hold: agent `scribe`/);
      expect(refused.json.at).toBe("policies/invariants.yaml:5:7");
    }
    expect((await plane.call("POST", "/v1/workspace/plan", { key, body: { files } })).status).toBe(200);
  });

  it("names the line and column of what is wrong in an invariant, and what was probably meant", async () => {
    const refused = await prove(draft({ "policies/invariants.yaml": invariants("principal.teir <= 1") }));
    expect(refused.status).toBe(400);
    expect(refused.json.at).toBe("policies/invariants.yaml:5:7");
    expect(JSON.stringify(refused.json)).toMatch(/did you mean/);
    const unclosed = await prove(draft({ "policies/invariants.yaml": invariants("principal.tier <=") }));
    expect(unclosed.json.at).toBe("policies/invariants.yaml:5:24");
    const shape = await prove(draft({ "policies/invariants.yaml": "invariants:\n  - name: x\n    wen: y\n" }));
    expect(JSON.stringify(shape.json)).toMatch(/`when`/);
    expect((await prove(draft({}), "none-such")).status).toBe(404);
  });
});

describe("what a change of policies newly does", slow, () => {
  it("is a request for each effect, decided by both sets, and proven for the rest to be nothing", async () => {
    const survey = (plane.running.control.keeper.loaded().files["workflows/docs-upkeep.yaml"] ?? "")
      .replace("  - git.git_status\n", "")
      .replace("ask:\n", "ask:\n  - tool: git.git_status\n    from: editors\n");
    const { status, json } = await diff(
      draft({ "policies/pages.cedar": guard(), "workflows/docs-upkeep.yaml": survey }),
    );
    expect(status).toBe(200);
    expect(json.same).toBeGreaterThan(10);
    const found = (newly: string) => json.findings.filter((one: { newly: string }) => one.newly === newly);
    expect(found("allowed")).toEqual([]);
    expect(json.proven.allowed).toBe(json.compared);
    for (const one of found("asks a person")) {
      expect(one).toMatchObject({ tool: "git.git_status", answer: "request", after: { effect: "require" } });
      expect(one.before.effect).toBe("allow");
    }
    expect(found("asks a person").length).toBeGreaterThan(0);
    const denied = found("denied").filter((one: { answer: string }) => one.answer === "request");
    expect(denied.map((one: { tool: string }) => one.tool)).toContain("files.write_file");
    for (const one of denied) expect(one.after.determining).toEqual(["only-pages"]);
  });

  it("is nothing between a set and itself, and the opposite the other way round", async () => {
    const same = (await diff(draft({}))).json;
    expect(same).toMatchObject({ compared: 0, findings: [], solver: null });
    const guarded = draft({ "policies/pages.cedar": guard() });
    const opened = (await diff(draft({}), guarded)).json;
    const allowed = opened.findings.filter((one: { newly: string }) => one.newly !== "denied");
    expect(allowed.map((one: { tool: string }) => one.tool)).toContain("files.write_file");
    expect(opened.proven.denied).toBe(opened.compared);
  });
});

describe("the command line", slow, () => {
  const folderWith = (name: string, files: Files): string => {
    const folder = join(cli.home, name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  };

  it("proves and compares, with exit codes for what holds, what does not and what is wrong", async () => {
    const good = folderWith("good", draft({}));
    const proved = await cli.run(["policy", "prove", "--workspace", good]);
    expect(proved.exit).toBe(0);
    expect(proved.stdout).toMatch(/^proved a-stop-stops-everything: a stop stops everything \(\d+ environments/m);

    const bad = folderWith("bad", draft({ "policies/invariants.yaml": invariants(written) }));
    const broken = await cli.run(["policy", "prove", "--workspace", bad, "--invariant", "only-pages"]);
    expect(broken.exit).toBe(1);
    expect(broken.stdout).toMatch(/^counter-example only-pages: .*\n {2}agent `scribe`/m);
    const json = await cli.run(["policy", "prove", "--workspace", bad, "--json"]);
    expect([json.exit, json.json.holds]).toEqual([1, false]);

    const wrong = folderWith("wrong", draft({ "policies/invariants.yaml": invariants("principal.teir < 1") }));
    const invalid = await cli.run(["policy", "prove", "--workspace", wrong]);
    expect(invalid.exit).toBe(2);
    expect(invalid.stderr).toContain("policies/invariants.yaml:5:7");

    const guarded = folderWith("guarded", draft({ "policies/pages.cedar": guard() }));
    const nothing = await cli.run(["policy", "diff", "--workspace", good, "--exit-code"]);
    expect([nothing.exit, nothing.stdout]).toEqual([0, expect.stringContaining("differ for 0")]);
    const less = await cli.run(["policy", "diff", "--workspace", guarded, "--against", good, "--exit-code"]);
    expect(less.exit).toBe(1);
    expect(less.stdout).toMatch(/^newly denied: /m);
  });
});
