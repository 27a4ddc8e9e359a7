import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const dee = "dee@acme.example";

let plane: TestPlane;
let scribe: string;
let key: string;
let cli: TestCli;
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  plane = await openTestPlane({
    // What a run has read decides here, too, and a window of calls is counted.
    flow: true,
    edit: {
      "countersign.yaml": (text) =>
        text.replace("\ngroups:\n", `\n  - { email: ${dee}, name: Dee, roles: [approver] }\n\ngroups:\n`),
      "workflows/docs-upkeep.yaml": (text) =>
        `${text.trimEnd()}\nguardrails:\n  - { use: call-limit, tools: [files.write_file], most: 3, per: workflow, within: 1h }\n`,
    },
  });
  scribe = await plane.agent("scribe");
  key = await plane.person(ana);
  await plane.grantTier("scribe", "docs-upkeep", 2);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
  files = (await plane.call("GET", "/v1/workspace/files", { key })).json.files;
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const page = (name: string): string => join(plane.folder, "sandbox/pages", name);

async function submit(tool: string, args: object) {
  const body = { server: "files", tool, arguments: args };
  return (await plane.call("POST", "/v1/actions", { key: scribe, body })).json;
}

/** Whether a file of cases passes under files: the one case that it has. */
async function passes(text: string, under: Readonly<Record<string, string>>): Promise<boolean> {
  const body = { files: { ...under, "policies/made.test.yaml": text } };
  const { cases } = (await plane.call("POST", "/v1/policies/test", { key, body })).json;
  expect(cases).toHaveLength(1);
  return cases[0].passed;
}

const caseOf = async (id: string) => (await plane.call("GET", `/v1/actions/${id}/case`, { key })).json;

it("MT-189 a decision of any kind becomes a case that decides the same, and the tests of the policies run it", async () => {
  const read = await submit("list_directory", { path: page("") });
  expect(read.state).toBe("done");
  const held = await submit("write_file", { path: page("a.md"), content: "x: |\n  'y'\n" });
  expect(held.state).toBe("held");
  const refused = await submit("move_file", { source: page("a.md"), destination: page("b.md") });
  expect(refused.state).toBe("refused");
  const approved = await submit("write_file", { path: page("c.md"), content: "" });
  for (const email of [bo, ana]) {
    const as = await plane.person(email);
    const open = (await plane.call("GET", `/v1/approvals/${approved.id}`, { key: as })).json;
    const { callDigest, shownDigest, requirements } = open;
    if (requirements === undefined) break;
    for (const { policy } of requirements) {
      const body = { verdict: "approve", callDigest, shownDigest, reason: "fine", policy };
      await plane.call("POST", `/v1/approvals/${approved.id}/answer`, { key: as, body });
    }
    const now = (await plane.call("GET", `/v1/actions/${approved.id}?waitMs=3000`, { key: scribe })).json;
    if (now.state === "done") break;
  }
  await expect
    .poll(async () => (await plane.call("GET", `/v1/actions/${approved.id}`, { key: scribe })).json.state)
    .toBe("done");
  const effects: string[] = [];
  for (const { id } of [read, held, refused, approved]) {
    const made = await caseOf(id);
    expect(made, made.text).toMatchObject({ action: id, same: true, was: { effect: made.is.effect } });
    expect(await passes(made.text, files), made.text).toBe(true);
    effects.push(made.was.effect);
  }
  expect(effects).toEqual(["allow", "require", "deny", "allow"]);
  const said = await cli.run(["policy", "case", held.id]);
  expect(said).toMatchObject({ exit: 0, stdout: (await caseOf(held.id)).text });
});

it("MT-189 an expectation of what should have been fails until a rule makes it so, and a changed set is said", async () => {
  const held = await submit("write_file", { path: page("d.md"), content: "z" });
  const made = await caseOf(held.id);
  const wanted = made.text.replace(/expect:[\s\S]*$/, "expect:\n      effect: deny\n");
  expect(await passes(wanted, files)).toBe(false);
  const rule = `@id("no-z")\nforbid (principal, action == Action::"files.write_file", resource)\nwhen { context.args has content && context.args.content == "z" };\n`;
  const ruled = { ...files, "policies/no-z.cedar": rule };
  expect(await passes(wanted, ruled)).toBe(true);
  const body = { files: { ...ruled, "policies/no-z.test.yaml": wanted } };
  const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key, body })).json;
  const second = await plane.person(bo);
  const { digest } = (await plane.call("GET", `/v1/proposals/${proposal}`, { key: second })).json;
  await plane.call("POST", `/v1/proposals/${proposal}/sign`, { key: second, body: { digest } });
  expect(await caseOf(held.id)).toMatchObject({ same: false, was: { effect: "require" }, is: { effect: "deny" } });
  const said = await cli.run(["policy", "case", held.id]);
  expect(said.stderr).toContain("the set in force decides otherwise");
});

it("is for those who may read what is private, and who reads it is in the ledger", async () => {
  const held = await submit("list_directory", { path: page("") });
  const as = await plane.person(dee);
  expect((await plane.call("GET", `/v1/actions/${held.id}/case`, { key: as })).status).toBe(403);
  expect((await plane.call("GET", `/v1/actions/act_${"0".repeat(26)}/case`, { key })).status).toBe(404);
  const reads = async () =>
    (await plane.database.owner.query("select 1 from entry where kind = 'read' and person = $1", [ana])).rows.length;
  const before = await reads();
  await caseOf(held.id);
  expect(await reads()).toBe(before + 1);
});
