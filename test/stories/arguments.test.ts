import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const careful = `@id("high-risk-is-asked")
@title("what changes machines, pipelines or rights is asked of the DRI as well")
@cure("approval") @from("dri") @count("1") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action in [Action::"propose", Action::"execute"], resource)
when { context.facts.signals.contains("high-risk") }
unless { context.facts.cured.contains("high-risk-is-asked") };

@id("no-secrets-folder")
@title("nothing is read from a folder named private")
forbid (principal, action == Action::"files.read_text_file", resource)
when { context.args.parsed has path && context.args.parsed.path.segments.contains("private") };

@id("queries-read")
@title("a query only reads")
forbid (principal, action == Action::"memory.search_nodes", resource)
when { context.args.parsed has query && context.args.parsed.query.writes };
`;

let plane: TestPlane;
let key: string;
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      // A text that stands for a query: what is tested is the way through the gate.
      "tools/memory.yaml": (text) => `${text}tools:\n  search_nodes: { normalise: { query: sql } }\n`,
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("  - memory.delete_entities\n", "")
          .replace("allow:\n", "caps: { objects: 500 }\nallow:\n  - memory.delete_entities\n"),
    },
  });
  key = await plane.agent("scribe");
  await plane.grantTier("scribe", "docs-upkeep", 2);
  // A guardrail that names a tool is validated against the server's own list of them, so they have to be there.
  await until(
    async () => ((await submit("memory", "read_graph", {})).json.state === "done" ? true : undefined),
    30_000,
  );
  await until(
    async () => ((await submit("files", "list_allowed_directories", {})).json.state === "done" ? true : undefined),
    30_000,
  );
  files = { ...(await read(plane.folder)).files, "policies/careful.cedar": careful };
  const proposed = await plane.call("POST", "/v1/workspace/apply", { key: await plane.person(ana), body: { files } });
  expect(proposed.status, proposed.text).toBe(202);
  const sign = { key: await plane.person(bo), body: { digest: proposed.json.plan.to } };
  const signed = await plane.call("POST", `/v1/proposals/${proposed.json.proposal}/sign`, sign);
  expect(signed.status, signed.text).toBe(200);
});
afterAll(async () => plane?.close());

const page = (name: string): string => join(plane.folder, "sandbox", name);
const submit = (server: string, tool: string, args: object) =>
  plane.call("POST", "/v1/actions", { key, body: { server, tool, arguments: args } });
const names = (count: number) => Array.from({ length: count }, (_, at) => `entity-${at}`);

it("MT-36 the 501st object is refused where the cap is 500, and nothing of the call is done", async () => {
  const { json: allowed } = await submit("memory", "delete_entities", { entityNames: names(500) });
  expect(allowed).toMatchObject({ state: "done" });
  const { json: refused } = await submit("memory", "delete_entities", { entityNames: names(501) });
  expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
  expect(refused.sentence).toContain("docs-upkeep caps the objects of one call at 500");
});

it("MT-28 a write becomes high risk by the file that it writes, whoever says what", async () => {
  const { json: plain } = await submit("files", "write_file", { path: page("pages/ci.yml"), content: "on: push" });
  expect(plain).toMatchObject({ state: "held", requirements: [{ from: "editors" }] });
  const path = page(".github/./workflows/ci.yml");
  const { json: risky } = await submit("files", "write_file", { path, content: "on: push" });
  expect(risky.state).toBe("held");
  expect(risky.requirements.map(({ from }: { from: string }) => from).sort()).toEqual(["dri", "editors"]);
  const { json: receipt } = await plane.call("GET", `/v1/receipts/${risky.id}`, { key: await plane.person(ana) });
  expect(JSON.stringify(receipt)).toContain("high-risk-is-asked");
});

it("a guardrail over a parsed path holds whatever the path is written as, and one that is not clean is refused", async () => {
  for (const name of ["private/a.md", "./x/../private/a.md", "PRIVATE/a.md"]) {
    const { json } = await submit("files", "read_text_file", { path: page(name) });
    expect(json, name).toMatchObject({ state: "refused", refusal: "policy" });
    expect(json.sentence).toContain("no-secrets-folder");
  }
  const { json } = await submit("files", "read_text_file", { path: page("pri\u200bvate/a.md") });
  expect(json).toMatchObject({ state: "refused", refusal: "policy" });
  const { json: read } = await submit("files", "read_text_file", { path: page("pages/welcome.md") });
  expect(read).toMatchObject({ state: "done" });
});

it("SQL is read by PostgreSQL's own grammar from the first call on", async () => {
  const search = async (query: string) => (await submit("memory", "search_nodes", { query })).json;
  expect(await search("select * from notes where id = 1")).toMatchObject({ state: "done" });
  for (const query of [
    "with gone as (delete from notes where id = 1 returning *) select * from gone",
    "select 1 -- ; \n; drop table notes",
    "select wipe(1)",
  ]) {
    const refused = await search(query);
    expect(refused, query).toMatchObject({ state: "refused", refusal: "policy" });
    expect(refused.sentence).toContain("queries-read");
  }
  expect(await search("not sql")).toMatchObject({ state: "refused", refusal: "policy" });
});

it("files that do not fit a tool's own definition are refused with the place and what was meant", async () => {
  const tried = async (rule: string) => {
    const text = `${files["tools/memory.yaml"] ?? ""}  delete_entities:\n    ${rule}\n`;
    const body = { files: { ...files, "tools/memory.yaml": text } };
    const { json } = await plane.call("POST", "/v1/workspace/plan", { key: await plane.person(bo), body });
    const line = text.split("\n").findLastIndex((one) => one.includes("normalise")) + 1;
    return { faults: json.faults, line };
  };
  const unknown = await tried("normalise: { entityNames: pth }");
  expect(unknown.faults).toMatchObject([
    { file: "tools/memory.yaml", line: unknown.line, message: "`pth` is not one of the choices", nearest: "path" },
  ]);
  const absent = await tried("normalise: { entityName: email }");
  expect(absent.faults).toMatchObject([{ line: absent.line, nearest: "entityNames" }]);
  const strange = await tried("normalise: { entityNames: sql }");
  expect(strange.faults).toMatchObject([
    { line: strange.line, message: "the argument is declared as array, and `sql` does not read array" },
  ]);
});
