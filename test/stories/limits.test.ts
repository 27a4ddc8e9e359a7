import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const workflow = "workflows/docs-upkeep.yaml";

let plane: TestPlane;
let scribe: string;
let key: string;
let cli: TestCli;
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  plane = await openTestPlane({});
  scribe = await plane.agent("scribe");
  key = await plane.person(ana);
  cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
  files = (await plane.call("GET", "/v1/workspace/files", { key })).json.files;
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
});

const limited = (limit: string) => ({
  ...files,
  [workflow]: `${files[workflow]?.trimEnd()}\nguardrails:\n  - ${limit}\n`,
});
const listing = (scope: string, most: number) =>
  `{ use: call-limit, name: each, tools: [files.list_directory], most: ${most}, ${scope}, within: 1h }`;

async function list(path: string) {
  const body = { server: "files", tool: "list_directory", arguments: { path } };
  return (await plane.call("POST", "/v1/actions", { key: scribe, body })).json;
}
const folder = (name: string): string => join(plane.folder, "sandbox") + name;

async function apply(draft: Readonly<Record<string, string>>): Promise<void> {
  const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key, body: { files: draft } })).json;
  const second = await plane.person(bo);
  const { digest } = (await plane.call("GET", `/v1/proposals/${proposal}`, { key: second })).json;
  const signed = await plane.call("POST", `/v1/proposals/${proposal}/sign`, { key: second, body: { digest } });
  expect(signed.status).toBe(200);
}

it("a limit of each value of an argument counts the morning when it is put in force at noon, whatever the spelling", async () => {
  expect([(await list(folder("/pages"))).state, (await list(folder(""))).state]).toEqual(["done", "done"]);
  const draft = limited(listing("per: args.path", 2));
  // One more of that folder, spelt otherwise, is the second; the third is one too many, and another folder is another count.
  await apply(draft);
  expect((await list(folder("/pages/"))).state).toBe("done");
  const over = await list(folder("/pages/../pages"));
  expect(over).toMatchObject({ state: "refused", refusal: "policy" });
  expect(over.sentence).toContain("docs-upkeep/guardrail/each");
  expect(over.sentence).toContain("for each path");
  expect((await list(folder(""))).state).toBe("done");
  const shown = await cli.run(["policy", "show", "docs-upkeep/guardrail/each"]);
  expect(shown.stdout).toContain('@window("count of files.list_directory per args.path within 1h")');
});

it("a simulation counts the same: a smaller limit denies what was over it, and one of another name nothing more", async () => {
  const simulated = async (name: string, limit: string) => {
    const workspace = join(cli.home, name);
    for (const [path, text] of Object.entries(limited(limit))) {
      mkdirSync(join(workspace, path, ".."), { recursive: true });
      writeFileSync(join(workspace, path), text);
    }
    const run = await cli.run(["policy", "simulate", workspace, "--json"]);
    expect(run.exit, run.stderr).toBe(0);
    return JSON.parse(run.stdout).counts;
  };
  // The second of each folder is over a limit of one; the third of one of them was refused already.
  expect(await simulated("smaller", listing("per: args.path", 1))).toMatchObject({ denied: 2, allowed: 0 });
  const other = listing("per: args.path", 2).replace("name: each", "name: other");
  expect(await simulated("other", other)).toMatchObject({ denied: 0, allowed: 0 });
});

it.each([
  ["per: workspce", '"nearest":"workspace"'],
  ["per: args.pth", '"nearest":"path"'],
  ["per: run, across: workspace", "`per: workspace` alone"],
])(
  "a scope that there is not (%s) is refused at its line and column, with what was probably meant",
  async (scope, hint) => {
    const draft = limited(listing(scope, 2));
    const planned = await plane.call("POST", "/v1/workspace/plan", { key, body: { files: draft } });
    expect(planned.status).toBe(400);
    const line = (draft[workflow] ?? "").trimEnd().split("\n").length;
    const told = JSON.stringify(planned.json);
    expect(told).toContain(hint);
    expect(planned.json.at).toMatch(new RegExp(`^${workflow}:${line}:\\d+$`));
    expect(planned.json.faults).toHaveLength(1);
  },
);
