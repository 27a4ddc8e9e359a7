import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { root } from "../../../../scripts/example-servers.ts";
import { packServers } from "../../../../scripts/pack-servers.ts";
import { packsOfRecorded, type RecordedListing, readListing } from "../../../../scripts/recorded-listings.ts";
import { reviewListing } from "../../../../scripts/review-pack.ts";
import { sampleArguments } from "../../../../test/packs/sample.ts";
import { saysItWrites } from "../../../../test/packs/says-it-writes.ts";
import { buildCatalog, type Catalog } from "./catalog.ts";
import { unknownReversal } from "./classify.ts";
import { loadPacks } from "./load-packs.ts";
import type { Packs } from "./pack.ts";
import { captureCall, planReversal } from "./plan-reversal.ts";
import { outcomeOf } from "./premise.ts";
import type { Rule, RuleOutcome } from "./rule.ts";
import type { CallTemplate, Definition } from "./tool.ts";
import { toolsFileSchema } from "./tools-file.ts";

const names = Object.keys(packServers);
const environments = [
  { name: "sandbox", production: false },
  { name: "production", production: true },
];
const listings = new Map<string, RecordedListing>();
let packs: Packs;
let open: Catalog;
let bare: Catalog;

/** `more` of the tools file says where things lie; without it nothing is mapped. */
function catalogOf(more: object, change: (definition: Definition) => Definition = (one) => one): Catalog {
  const files = names.map((server) =>
    toolsFileSchema.parse({ server, transport: { kind: "package", package: "x" }, pack: `${server}@1`, ...more }),
  );
  const definitions = new Map([...listings].map(([name, { tools }]) => [name, tools.map(change)]));
  return buildCatalog({ files, packs, pins: [], definitions, environments, workspace: "/ws" });
}

beforeAll(async () => {
  for (const name of names) listings.set(name, await readListing(name));
  packs = packsOfRecorded(await loadPacks(), listings);
  open = catalogOf({
    environment: "sandbox",
    names: { sample: "sandbox", "sample/sample": "sandbox", "1": "sandbox", shop: "production" },
  });
  bare = catalogOf({});
});

interface Packed {
  readonly server: string;
  readonly definition: Definition;
  readonly rule: Rule;
}

function packed(): readonly Packed[] {
  return names.flatMap((server) =>
    (listings.get(server)?.tools ?? []).map((definition) => {
      const rule = packs.get(`${server}@1`)?.tools[definition.name];
      if (rule === undefined) throw new Error(`${server}.${definition.name} has no rule`);
      return { server, definition, rule };
    }),
  );
}

function tool(server: string, name: string, of: Catalog = open) {
  const found = of.tool(server, name);
  if (found === undefined) throw new Error(`no ${server}.${name}`);
  return found;
}

const outcomes = (rule: Rule): readonly RuleOutcome[] => [rule, ...(rule.cases ?? [])];

describe("the packs whose servers are recorded", () => {
  it.each(names)("%s: every tool, resource and prompt of its listing, and nothing else", async (name) => {
    const listing = listings.get(name) as RecordedListing;
    expect(await reviewListing(name, listing, false)).toEqual([]);
    const [first = ""] = Object.keys(listing.digests);
    const changed = { ...listing, digests: { ...listing.digests, [first]: `sha256:${"0".repeat(64)}`, later: null } };
    expect(await reviewListing(name, changed, false)).toHaveLength(2);
    expect(packs.get(`${name}@1`)).toMatchObject({ package: listing.package, version: listing.version });
    expect([listing.package, listing.version, listing.install]).toEqual([
      packServers[name]?.package,
      packServers[name]?.version,
      packServers[name]?.install,
    ]);
    for (const { name: of } of listing.tools) {
      expect(tool(name, of).reviewed, of).toBe(true);
      expect(tool(name, of).reversal, of).not.toEqual(unknownReversal);
    }
  });

  it.each(names)("%s: a definition that changed by a byte, or came later, is refused", (name) => {
    const changes: ((one: Definition) => Definition)[] = [
      (one) => ({ ...one, description: `${one.description ?? ""} ` }),
      (one) => ({ ...one, annotations: { readOnlyHint: true, title: "x" } }),
      (one) => ({ ...one, inputSchema: { ...one.inputSchema, $comment: "" } }),
      (one) => ({ ...one, name: `${one.name}_2` }),
    ];
    for (const change of changes) {
      const changed = catalogOf({ environment: "sandbox" }, change);
      for (const one of changed.list(name)) {
        if (one.name.startsWith("mcp:")) continue;
        expect(one.reviewed, one.id).toBe(false);
        if (one.name.endsWith("_2"))
          expect(one.classify({})).toMatchObject({ verb: "execute", environment: { production: true } });
      }
    }
  });
});

describe("docs/packs.md", () => {
  const page = readFileSync(join(root, "docs/packs.md"), "utf8");

  it("counts what the packs say", () => {
    for (const id of packs.keys()) {
      const pack = packs.get(id);
      if (pack === undefined) throw new Error(`no ${id}`);
      const rules = Object.values(pack.tools);
      const by = (verb: string) => rules.filter((rule) => rule.verb === verb).length;
      const cells = [
        `\`${id}\``,
        `${pack.package} ${pack.version}`,
        rules.length,
        by("read"),
        by("propose"),
        by("execute"),
        rules.filter((rule) => rule.cases?.some((one) => one.verb !== undefined && one.verb !== rule.verb)).length,
        rules.filter((rule) => outcomes(rule).some((outcome) => outcome.reversal?.kind === "inverse")).length,
      ];
      expect(page).toContain(`| ${cells.join(" | ")} |`);
    }
  });

  it("shows a tools file that is one", () => {
    const block = page.split("\n\n").find((part) => part.includes("    server: github")) ?? "";
    const file = toolsFileSchema.parse(parse(block.replace(/^ {4}/gm, "")));
    expect(packs.has(file.pack ?? "")).toBe(true);
    expect(file.names).toEqual({ "acme/web": "staging", "acme/shop": "production" });
  });
});

/** Reads, or cases that read, although a word of the definition says otherwise; each was looked at. */
const looked: Readonly<Record<string, string>> = {
  "gitlab.download_release_asset": "it answers with the file and writes none",
  "gitlab.orbit_query": "a query language without writes",
  "gitlab.discover_tools": "without a category it only lists them",
  "atlassian.jira_download_attachments": "it answers with the files and writes none",
  "atlassian.confluence_download_attachment": "it answers with the file and writes none",
  "atlassian.confluence_download_content_attachments": "it answers with the files and writes none",
  "kubernetes.resources_scale": "it reads where no scale is given",
  "slack.attachment_get_data": "it answers with the file and writes none",
  "slack.usergroups_me": "its action list only lists",
  "salesforce.run_soql_query": "SOQL has no statement that writes",
  "salesforce.check_devops_center_commit_status": "commit is what it asks about",
};

/** Executions in which no word of the list is: what the tripwire would not have seen. */
const unseen = [
  "gitlab.discover_tools",
  "postgres.explain_query",
  "postgres.analyze_workload_indexes",
  "postgres.analyze_query_indexes",
  "salesforce.retrieve_metadata",
  "salesforce.detect_devops_center_merge_conflict",
];

function misread(all: readonly Packed[]): readonly string[] {
  return all
    .filter(({ rule }) => outcomes(rule).some((outcome) => outcome.verb === "read"))
    .filter(({ server, definition }) => (listings.get(server)?.writes[definition.name] ?? []).length > 0)
    .map(({ server, definition }) => `${server}.${definition.name}`)
    .filter((id) => !Object.hasOwn(looked, id));
}

describe("the word list", () => {
  it("hears a definition that says it writes: by its name, how it begins, a file that it makes, or its own hint", () => {
    const said = (name: string, description = "", more: object = {}) =>
      saysItWrites({ name, description, inputSchema: {}, ...more }).length > 0;
    expect([said("create_page"), said("page", "Deletes it"), said("export", "Gets it and save to disk")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(said("page", "Looks", { annotations: { readOnlyHint: false } })).toBe(true);
    expect([said("get_release"), said("page", "Looks at it")]).toEqual([false, false]);
  });

  it("is all that is kept of what the servers say: no prose stands in a recording", () => {
    for (const [name, { tools }] of listings)
      for (const tool of tools) {
        expect(Object.keys(tool), name).not.toEqual(expect.arrayContaining(["description"]));
        expect(JSON.stringify(tool), `${name}.${tool.name}`).not.toMatch(/"(?:description|title)":"|data:image/);
      }
  });

  it("finds no read whose definition says that it writes", () => {
    expect(misread(packed())).toEqual([]);
  });

  it("finds each execution and proposal that is planted as a read, but for those that it names", () => {
    const planted = packed()
      .filter(({ rule }) => rule.verb !== "read")
      .map((one) => ({ ...one, rule: { ...one.rule, verb: "read" as const } }));
    expect(planted.length).toBeGreaterThan(200);
    const ids = planted.map(({ server, definition }) => `${server}.${definition.name}`);
    const seen = new Set(misread(planted));
    expect(ids.filter((id) => !seen.has(id) && !unseen.includes(id) && !Object.hasOwn(looked, id))).toEqual([]);
    expect(seen.size).toBeGreaterThan(200);
  });
});

/** Whether a dotted path leads to something that the schema knows. */
function knows(schema: JsonObject, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  return Object.hasOwn(properties, name) && knows(properties[name] ?? {}, rest);
}

function references(value: Json | undefined, of: string): readonly string[][] {
  const text = JSON.stringify(value ?? null);
  return [...text.matchAll(/\{\{([^{}]+)\}\}/g)]
    .map((match) => (match[1] ?? "").split("."))
    .filter(([first]) => first === of)
    .map(([, ...path]) => path);
}

function calls(outcome: RuleOutcome): readonly CallTemplate[] {
  const { reversal } = outcome;
  if (reversal?.kind !== "inverse") return [];
  return [reversal.undo, ...(reversal.capture === undefined ? [] : [reversal.capture])];
}

/** The verb of a call of just these arguments, where the rule goes by what is there. */
function verbOf(server: string, { tool: name, args }: CallTemplate): string | undefined {
  const rule = packs.get(`${server}@1`)?.tools[name];
  const isCase = ({ absent, when }: NonNullable<Rule["cases"]>[number]) =>
    Object.keys(when).length === 0 && absent?.every((argument) => !Object.hasOwn(args, argument)) === true;
  return rule?.cases?.find(isCase)?.verb ?? rule?.verb;
}

describe("what the rules name", () => {
  it("is there: arguments of the tool, and calls that the other tool's schema takes", () => {
    for (const { server, definition, rule } of packed()) {
      const id = `${server}.${definition.name}`;
      const has = (path: readonly string[]) =>
        expect(knows(definition.inputSchema, path), `${id} ${path.join(".")}`).toBe(true);
      const { note: _, ...named } = rule;
      for (const path of references(named as Json, "args")) has(path);
      for (const name of Object.keys(rule.defaults ?? {})) has([name]);
      for (const one of rule.cases ?? []) {
        for (const name of [...(one.absent ?? []), ...Object.keys(one.noLine ?? {})]) has([name]);
        for (const [name, values] of Object.entries(one.when)) {
          has([name]);
          const allowed = (definition.inputSchema.properties as Record<string, { enum?: Json[] }>)[name]?.enum;
          if (allowed !== undefined) for (const value of values) expect(allowed, `${id} ${name}`).toContain(value);
        }
      }
      for (const mapping of outcomes(rule).flatMap((outcome) => [outcome.environment ?? []].flat()))
        if (typeof mapping !== "string" && mapping.by === "absent") for (const name of mapping.arguments) has([name]);
      for (const outcome of outcomes(rule)) {
        const { reversal } = outcome;
        for (const premise of reversal?.kind === "inverse" ? (reversal.premises ?? []) : [])
          if (premise.kind === "absent") has(premise.argument.split("."));
        for (const made of [...calls(outcome), ...(rule.reconcile === undefined ? [] : [rule.reconcile])]) {
          const other = tool(server, made.tool).definition.inputSchema;
          for (const name of Object.keys(made.args))
            expect(knows(other, [name]), `${id} -> ${made.tool} ${name}`).toBe(true);
          for (const name of (other.required ?? []) as string[])
            expect(made.args, `${id} -> ${made.tool}`).toHaveProperty([name]);
        }
        const looks = [rule.reconcile, reversal?.kind === "inverse" ? reversal.capture : undefined];
        for (const look of looks) if (look !== undefined) expect(verbOf(server, look), id).toBe("read");
      }
    }
  });

  it("resolves on arguments that the schema takes: a target, and the environment of the tools file", () => {
    const never = packed().filter(({ server, definition }) => {
      const { inputSchema } = definition;
      const properties = Object.keys((inputSchema.properties ?? {}) as object);
      const required = sampleArguments(inputSchema, false);
      const samples = [required, sampleArguments(inputSchema, true)];
      for (const name of properties) samples.push({ ...required, [name]: (samples[1] as JsonObject)[name] as Json });
      return samples.every((args) => tool(server, definition.name).classify(args).labels.includes("unmapped"));
    });
    // Its namespace stands inside a manifest.
    expect(never.map(({ server, definition }) => `${server}.${definition.name}`)).toEqual([
      "kubernetes.resources_create_or_update",
    ]);
  });

  it("is execution in production where an argument that maps is missing or names what no tools file lists", () => {
    let checked = 0;
    for (const { server, definition, rule } of packed()) {
      const mappings = [rule.environment ?? packs.get(`${server}@1`)?.environment ?? []].flat();
      const mapping = mappings.flatMap((one) => (typeof one !== "string" && one.by === "name" ? [one.of].flat() : []));
      const full = sampleArguments(definition.inputSchema, true);
      const named = new Set(
        references(outcomes(rule).map((outcome) => outcome.environment ?? null) as Json, "args").map(([name]) => name),
      );
      for (const [name = ""] of references(mapping, "args")) named.add(name);
      const none = Object.fromEntries(Object.entries(full).filter(([name]) => !named.has(name)));
      if (mapping.length > 0)
        expect(tool(server, definition.name).classify(none).environment.production, definition.name).toBe(true);
      for (const [first = "", ...rest] of references(mapping, "args")) {
        checked++;
        const id = `${server}.${definition.name} without ${first}`;
        const { [first]: there, ...without } = full;
        const elsewhere =
          rest.length === 0 ? "elsewhere" : { ...(there as JsonObject), [rest[0] as string]: "elsewhere" };
        const hasOwnCase = (rule.cases ?? []).some((one) => one.absent?.includes(first) === true);
        const missing = tool(server, definition.name).classify(without);
        if (!hasOwnCase) expect([missing.verb, missing.environment.production], id).toEqual(["execute", true]);
        const other = tool(server, definition.name).classify({ ...full, [first]: elsewhere });
        expect([other.verb, other.environment.production], id).toEqual(["execute", true]);
        expect(other.labels, id).toContain("unmapped");
      }
    }
    expect(checked).toBeGreaterThan(300);
  });

  it("is production for any arguments where the tools file says nothing", () => {
    const tools = names.flatMap((name) => bare.list(name));
    const args = fc.oneof(
      fc.dictionary(
        fc.constantFrom("owner", "repo", "project_id", "namespace", "request", "method", "body"),
        fc.jsonValue(),
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...tools), args, (one, value) => {
        expect(one.classify(value as JsonObject).environment.production, one.id).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("modes of one tool", () => {
  const verb = (server: string, name: string, args: JsonObject) => {
    const { inputSchema } = tool(server, name).definition;
    const { verb: found, labels } = tool(server, name).classify({ ...sampleArguments(inputSchema, false), ...args });
    return labels.includes("unmapped") ? "unmapped" : found;
  };

  it("are told apart by value, and what is not known of them is an execution", () => {
    expect(verb("kubernetes", "resources_scale", { namespace: "sample" })).toBe("read");
    for (const scale of [0, 3, null, "3"])
      expect(verb("kubernetes", "resources_scale", { namespace: "sample", scale })).toBe("execute");
    expect(verb("slack", "usergroups_me", { action: "list" })).toBe("read");
    for (const action of ["join", "leave", "LIST", null])
      expect(verb("slack", "usergroups_me", { action })).toBe("execute");
    const review = (args: JsonObject) => verb("github", "pull_request_review_write", { method: "create", ...args });
    expect([review({}), review({ event: "COMMENT" }), review({ event: "APPROVE" })]).toEqual([
      "propose",
      "propose",
      "execute",
    ]);
    expect(review({ event: "REQUEST_CHANGES" })).toBe("execute");
    const comment = (body: string) => verb("gitlab", "create_merge_request_note", { body });
    expect([comment("looks good"), comment("looks good\n/merge")]).toEqual(["propose", "execute"]);
    expect(verb("argocd", "sync_application", { dryRun: true })).toBe("propose");
    expect(verb("argocd", "sync_application", { dryRun: "true" })).toBe("execute");
    expect(verb("argocd", "get_application", { argocdBaseUrl: "https://elsewhere.example" })).toBe("unmapped");
    for (const sql of ["select 1", "SELECT 1; drop table t", "explain analyze delete from t"])
      expect(verb("postgres", "execute_sql", { sql })).toBe("execute");
    const hook = (args: JsonObject) => verb("gitlab", "create_webhook", { url: "https://hook.acme.example", ...args });
    expect(hook({ project_id: "sample" })).toBe("execute");
    expect(hook({ project_id: "sample", group_id: "shop" })).toBe("unmapped");
  });
});

describe("the inverse of a scale", () => {
  const args = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" };
  const answer = (spec: string, more: JsonObject = {}): JsonObject => ({
    content: [{ type: "text", text: `# Current resource scale (YAML) is below\nkind: Scale\n${spec}\n` }],
    ...more,
  });
  const plan = (before: JsonObject, given: JsonObject = { ...args, scale: 5 }) => {
    const rule = tool("kubernetes", "resources_scale").classify(given).reversal ?? unknownReversal;
    return planReversal(rule, given, { kind: "answered", result: before }, "now");
  };

  it("sets the scale that was read, by a call that names no scale", () => {
    const rule = tool("kubernetes", "resources_scale").classify({ ...args, scale: 5 }).reversal ?? unknownReversal;
    const look = captureCall(rule, { ...args, scale: 5 });
    expect(look).toEqual({ tool: "resources_scale", args });
    expect(tool("kubernetes", "resources_scale").classify(look?.args ?? {}).verb).toBe("read");
    expect(plan(answer("spec:\n  replicas: 3"))).toMatchObject({
      kind: "inverse",
      tool: "resources_scale",
      args: { ...args, scale: 3 },
    });
  });

  it("is none where no scale, or no certain one, was read, and without a namespace", () => {
    for (const spec of [
      "spec: {}",
      "spec:\n  replicas: 0x3",
      "spec:\n  replicas: &a 3",
      "spec: {replicas: 3}\n---\na: 1",
    ])
      expect(plan(answer(spec)).kind, spec).toBe("irreversible");
    expect(plan(answer("spec:\n  replicas: 3", { isError: true })).kind).toBe("irreversible");
    const { namespace: _, ...bare } = args;
    expect(plan(answer("spec:\n  replicas: 3"), { ...bare, scale: 5 }).kind).toBe("irreversible");
  });
});

describe("inverses, against answers made here", () => {
  const text = (value: Json): JsonObject => ({ content: [{ type: "text", text: JSON.stringify(value) }] });
  const plan = (server: string, name: string, args: JsonObject, before?: Json) => {
    const rule = tool(server, name).classify(args).reversal ?? unknownReversal;
    const asked = captureCall(rule, args);
    expect(asked === undefined, name).toBe(before === undefined);
    if (asked !== undefined) expect(tool(server, asked.tool).classify(asked.args).verb, name).toBe("read");
    const captured =
      before === undefined ? ({ kind: "not_asked" } as const) : ({ kind: "answered", result: text(before) } as const);
    return planReversal(rule, args, captured, "2026-11-25T00:00:00.000Z");
  };

  it("and looks tell done from failed, and anything else from both", async () => {
    const see = (server: string, name: string, args: JsonObject, before: Json, now: Json) => {
      const { reconcile } = tool(server, name);
      if (reconcile === undefined) throw new Error(`${name} has no look`);
      return outcomeOf(reconcile, { args, before: text(before) }, async () => text(now));
    };
    const thread = { project_id: "sample", merge_request_iid: "3", discussion_id: "d", resolved: true };
    const was = (resolved: boolean) => ({ notes: [{ resolved }] });
    expect(await see("gitlab", "resolve_merge_request_thread", thread, was(false), was(true))).toBe("done");
    expect(await see("gitlab", "resolve_merge_request_thread", thread, was(false), was(false))).toBe("failed");
    expect(await see("gitlab", "resolve_merge_request_thread", thread, was(false), { notes: [] })).toBe("unknown");
    const page = { project_id: "sample", slug: "home", content: "new" };
    expect(await see("gitlab", "update_wiki_page", page, { content: "old" }, { content: "new" })).toBe("done");
    expect(await see("gitlab", "update_wiki_page", page, { content: "old" }, { content: "of somebody else" })).toBe(
      "unknown",
    );
    const { content: _, ...titled } = { ...page, title: "t" };
    expect(await see("gitlab", "update_wiki_page", titled, { content: "old" }, { content: "x" })).toBe("unknown");
    expect(
      await see(
        "github",
        "merge_pull_request",
        { owner: "sample", repo: "sample", pullNumber: 3 },
        {},
        { merged: true },
      ),
    ).toBe("done");
    expect(
      await see(
        "github",
        "merge_pull_request",
        { owner: "sample", repo: "sample", pullNumber: 3 },
        {},
        { merged: false },
      ),
    ).toBe("unknown");
  });

  it("write back what was read, and only where that is exact", () => {
    const repo = { owner: "sample", repo: "sample" };
    const close = { ...repo, method: "update", issue_number: 7, state: "closed" };
    expect(plan("github", "issue_write", close, { state: "open" })).toMatchObject({
      tool: "issue_write",
      args: { ...repo, method: "update", issue_number: 7, state: "open" },
    });
    expect(plan("github", "issue_write", close, { state: "closed" }).kind).toBe("irreversible");
    expect(plan("github", "issue_write", { ...close, title: "x" }).kind).toBe("irreversible");
    expect(
      plan("github", "label_write", { ...repo, method: "update", name: "bug", color: "fff" }, { color: "d73a4a" }),
    ).toMatchObject({
      args: { name: "bug", color: "d73a4a", method: "update" },
    });
    const mr = { project_id: "sample", merge_request_iid: "3" };
    expect(plan("gitlab", "update_merge_request", { ...mr, state_event: "close" }, { state: "merged" }).kind).toBe(
      "irreversible",
    );
    expect(plan("gitlab", "update_merge_request", { ...mr, state_event: "close" }, { state: "opened" })).toMatchObject({
      args: { ...mr, state_event: "reopen" },
    });
    const thread = { ...mr, discussion_id: "d", resolved: true };
    expect(plan("gitlab", "resolve_merge_request_thread", thread, { notes: [{ resolved: false }] })).toMatchObject({
      args: { ...mr, discussion_id: "d", resolved: false },
    });
    expect(plan("gitlab", "resolve_merge_request_thread", thread, { notes: [] }).kind).toBe("irreversible");
    const page = { project_id: "sample", slug: "home", content: "new" };
    expect(plan("gitlab", "update_wiki_page", page, { content: "old" })).toMatchObject({
      args: { slug: "home", content: "old" },
    });
    expect(plan("gitlab", "update_wiki_page", { ...page, title: "other" }, { content: "old" }).kind).toBe(
      "irreversible",
    );
    expect(plan("gitlab", "create_branch", { project_id: "sample", branch: "b" })).toMatchObject({
      tool: "delete_branch",
      args: { project_id: "sample", branch_name: "b" },
    });
    const config = { projectKey: "sample", configKey: "c" };
    const was = { name: "n", description: "", tags: ["t"] };
    expect(
      plan("launchdarkly", "update-ai-config", { request: { ...config, AIConfigPatch: { name: "m" } } }, was),
    ).toMatchObject({
      args: { request: { ...config, AIConfigPatch: was } },
    });
    const more = { request: { ...config, AIConfigPatch: { name: "m", isInverted: true } } };
    expect(plan("launchdarkly", "update-ai-config", more, was).kind).toBe("irreversible");
  });
});
