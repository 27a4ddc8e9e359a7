import type { Decision, DecisionInput, JsonObject } from "@countersign/contract";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { packsOfRecorded, type RecordedListing, readListing } from "../../../../scripts/recorded-listings.ts";
import { buildCatalog, type Catalog, loadPacks, loadSqlParser, type Tool, toolsFileSchema } from "../catalog/index.ts";
import { asks } from "./acme.fixture.ts";
import { compile } from "./compile.ts";
import { decide } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";

/** As each pack's server listed its tools, and as the pack says what they hold: nothing is said in a tools file. */
const servers = ["github", "gitlab", "kubernetes", "postgres", "atlassian"];
const careful = `
@id("high-risk-needs-two") @cure("approval") @from("sre") @count("2") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action in [Action::"propose", Action::"execute"], resource)
when { context.facts.signals.contains("high-risk") }
unless { context.facts.cured.contains("high-risk-needs-two") };
@id("one-bounded") forbid (principal, action == Action::"postgres.execute_sql", resource)
unless { context.args.parsed has sql && context.args.parsed.sql.bounded };
@id("shop-only") forbid (principal, action == Action::"kubernetes.resources_create_or_update", resource)
unless { context.args.parsed has resource && context.args.parsed.resource.namespaces == ["shop"] };`;

let catalog: Catalog;
let policies: CompiledPolicies;

beforeAll(async () => {
  await loadSqlParser();
  const listings = new Map<string, RecordedListing>();
  for (const name of servers) listings.set(name, await readListing(name));
  catalog = buildCatalog({
    files: servers.map((server) =>
      toolsFileSchema.parse({
        server,
        transport: { kind: "package", package: "x" },
        pack: `${server}@1`,
        environment: "sandbox",
        names: { "acme/web": "sandbox", "1": "sandbox" },
      }),
    ),
    packs: packsOfRecorded(await loadPacks(), listings),
    pins: [],
    definitions: new Map([...listings].map(([name, { tools }]) => [name, tools])),
    environments: [
      { name: "sandbox", production: false },
      { name: "production", production: true },
    ],
    workspace: "/ws",
  });
  const tools = servers.flatMap((server) => catalog.list(server)).filter(({ name }) => !name.startsWith("mcp:"));
  policies = await compile({
    revision: 1,
    workflows: [
      {
        file: "workflows/desk.yaml",
        workflow: "desk",
        agents: ["clerk"],
        tier: 2,
        allow: tools.map(({ id }) => id),
        ask: [],
        block: [],
        caps: [{ unit: "objects", most: 2, tools: ["github.push_files", "gitlab.push_files", "github.delete_file"] }],
        guardrails: [],
      },
    ],
    own: [{ file: "policies/own.cedar", text: careful }],
    tools: tools.map(({ id, definition, parsed }) => ({
      id,
      inputSchema: definition.inputSchema,
      ...(parsed === undefined ? {} : { parsed }),
    })),
  });
});
// A text that ended the parser's stack has it replaced, which takes a moment.
beforeEach(loadSqlParser);

function inputOf(id: string, args: JsonObject): DecisionInput {
  const [server = "", name = ""] = id.split(".");
  const { projected, verb, labels, signals = [], reach } = (catalog.tool(server, name) as Tool).classify(args);
  const asked = asks({
    tool: id,
    verb,
    tier: 2,
    principal: { agent: "clerk", workflow: "desk" },
    args: projected,
    facts: { signals, ...(reach === undefined ? {} : { reach }) },
  });
  return { ...asked, resource: { ...asked.resource, labels } };
}

const ask = (id: string, args: JsonObject): Decision => decide(inputOf(id, args), policies);
const signalsOf = (id: string, args: JsonObject) => inputOf(id, args).facts.signals;
const policiesOf = ({ determining }: Decision): readonly string[] => determining.map(({ id }) => id);

const workflow = ".github/workflows/ci.yml";
const manifest = (more = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: shop }\n${more && `---\n${more}`}`;

describe("what the packs say that arguments hold", () => {
  const repo = { owner: "acme", repo: "web", branch: "main", message: "tidy up" };

  it.each<[string, (path: string) => JsonObject]>([
    ["create_or_update_file", (path) => ({ ...repo, path, content: "x" })],
    ["delete_file", (path) => ({ ...repo, path })],
    [
      "push_files",
      (path) => ({
        ...repo,
        files: [
          { path: "README.md", content: "x" },
          { path, content: "x" },
        ],
      }),
    ],
  ])("MT-28 github.%s becomes high risk with a workflow file, by itself", (name, argsOf) => {
    expect(signalsOf(`github.${name}`, argsOf("src/a.ts"))).toEqual([]);
    expect(ask(`github.${name}`, argsOf("src/a.ts")).effect).toBe("allow");
    for (const path of [workflow, "/.GitHub/workflows/x.yml"]) {
      expect(signalsOf(`github.${name}`, argsOf(path))).toEqual(["high-risk", "pipeline"]);
      expect(ask(`github.${name}`, argsOf(path))).toMatchObject({
        effect: "require",
        requirements: [{ kind: "approval", policy: "high-risk-needs-two", from: "sre", count: 2 }],
      });
    }
    expect(signalsOf(`github.${name}`, argsOf("a/../../.github/x"))).toEqual(["high-risk", "unreadable"]);
  });

  it.each<[string, string, JsonObject]>([
    ["pipeline", "gitlab.create_or_update_file", { project_id: "1", branch: "b", file_path: ".gitlab-ci.yml" }],
    ["pipeline", "gitlab.create_or_update_file", { project_id: "1", file_path: "a", previous_path: ".gitlab-ci.yml" }],
    ["pipeline", "gitlab.push_files", { project_id: "1", files: [{ file_path: ".gitlab-ci.yml", content: "x" }] }],
    ["infrastructure", "gitlab.push_files", { project_id: "1", files: [{ file_path: "main.tf", content: "x" }] }],
    ["infrastructure", "kubernetes.resources_create_or_update", { resource: manifest() }],
    [
      "permissions",
      "kubernetes.resources_create_or_update",
      { resource: manifest("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding") },
    ],
    ["unreadable", "kubernetes.resources_create_or_update", { resource: "kind: &a Pod" }],
    ["permissions", "postgres.execute_sql", { sql: "grant all on t to bo" }],
    ["permissions", "postgres.explain_query", { sql: "set role postgres" }],
    ["unreadable", "postgres.execute_sql", { sql: "selec 1" }],
    ["unreadable", "gitlab.create_webhook", { project_id: "1", url: "http://0x7f000001/" }],
    ["unreadable", "atlassian.jira_create_remote_issue_link", { issue_key: "A-1", url: "javascript:alert(1)" }],
  ])("MT-28 says %s of %s %j", (signal, id, args) => {
    expect(signalsOf(id, args)).toEqual(expect.arrayContaining([signal, "high-risk"]));
  });

  it("is read by guardrails of one's own, and what is not there or not clean is refused", () => {
    expect(policiesOf(ask("postgres.execute_sql", { sql: "delete from t where id = id" }))).toContain("one-bounded");
    expect(ask("postgres.execute_sql", { sql: "delete from t where id = 1" }).effect).toBe("allow");
    expect(ask("postgres.execute_sql", { sql: "delete" }).effect).toBe("deny");
    expect(policiesOf(ask("kubernetes.resources_create_or_update", { resource: manifest() }))).not.toContain(
      "shop-only",
    );
    const other = "apiVersion: v1\nkind: Pod\nmetadata: { name: b, namespace: kube-system }";
    expect(policiesOf(ask("kubernetes.resources_create_or_update", { resource: manifest(other) }))).toContain(
      "shop-only",
    );
  });

  it("MT-36 is counted, and one object more than the cap is refused", () => {
    const github = (count: number) => ({
      ...repo,
      files: Array.from({ length: count }, (_, at) => ({ path: `a${at}`, content: "x" })),
    });
    const gitlab = (count: number) => ({
      project_id: "1",
      files: Array.from({ length: count }, (_, at) => ({ file_path: `a${at}`, content: "x" })),
    });
    expect(ask("github.push_files", github(2)).effect).toBe("allow");
    expect(policiesOf(ask("github.push_files", github(3)))).toEqual(["desk/cap/objects"]);
    expect(ask("gitlab.push_files", gitlab(2)).effect).toBe("allow");
    expect(policiesOf(ask("gitlab.push_files", gitlab(3)))).toEqual(["desk/cap/objects"]);
    expect(ask("github.delete_file", { ...repo, path: "a" }).effect).toBe("allow");
    expect(inputOf("kubernetes.resources_create_or_update", { resource: manifest(manifest()) }).facts.reach).toEqual({
      objects: 2,
    });
    expect(inputOf("kubernetes.pods_delete", { namespace: "shop", name: "a" }).facts.reach).toEqual({ objects: 1 });
  });
});
