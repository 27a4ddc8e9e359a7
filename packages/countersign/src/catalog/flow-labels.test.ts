import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@countersign/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleServers, root, startServer } from "../../../../scripts/example-servers.ts";
import { packServers } from "../../../../scripts/pack-servers.ts";
import { readListing } from "../../../../scripts/recorded-listings.ts";
import { loadPacks } from "./load-packs.ts";
import type { Rule, RuleOutcome } from "./rule.ts";

interface Labelled {
  readonly id: string;
  readonly rule: Rule;
  readonly input: JsonObject;
  readonly output?: JsonObject;
}

const all: Labelled[] = [];

/** What the protocol's own methods take; no server declares it. */
const methods: Readonly<Record<string, JsonObject>> = {
  "mcp:resources/read": { properties: { uri: {} } },
  "mcp:prompts/get": { properties: { name: {}, arguments: {} } },
};

beforeAll(async () => {
  const packs = await loadPacks();
  const add = (server: string, name: string, input: JsonObject, output?: JsonObject) => {
    const pack = packs.get(`${server}@1`);
    const rule = pack?.tools[name];
    if (pack === undefined || rule === undefined) throw new Error(`${server}.${name} has no rule`);
    const whole = { environment: pack.environment, ...rule };
    all.push({ id: `${server}.${name}`, rule: whole, input, ...(output === undefined ? {} : { output }) });
  };
  for (const name of Object.keys(packServers))
    for (const tool of (await readListing(name)).tools) add(name, tool.name, tool.inputSchema);
  for (const name of Object.keys(exampleServers) as (keyof typeof exampleServers)[]) {
    const server = await startServer(name);
    for (const tool of (await server.client.listTools()).tools)
      add(name, tool.name, tool.inputSchema as JsonObject, tool.outputSchema as JsonObject | undefined);
    await server.close();
  }
  for (const id of packs.keys())
    for (const [name, rule] of Object.entries(packs.get(id)?.methods ?? {}))
      all.push({ id: `${id.split("@")[0]}.${name}`, rule, input: methods[name] ?? {} });
});

/** Tools that stay without labels, each with its reason. */
const unlabelled: Readonly<Record<string, string>> = {};

/** Reads that take an address, and why none of them goes there. */
const goesNowhere: Readonly<Record<string, string>> = {
  "git.git_remote": "its modes that read leave the address alone",
};

/** Tools whose whole answer is trusted, by who writes it. */
const trusted: Readonly<Record<string, readonly string[]>> = {
  "the server itself, in words of its own": [
    "filesystem.get_file_info",
    "gitlab.discover_tools",
    "gitlab.health_check",
    "gitlab.orbit_get_schema",
    "gitlab.orbit_get_status",
    "gitlab.orbit_list_tools",
    "memory.delete_entities",
    "memory.delete_observations",
    "memory.delete_relations",
  ],
  "who set the server up, or owns the account": [
    "filesystem.list_allowed_directories",
    "github.get_me",
    "gitlab.whoami",
    "kubernetes.configuration_view",
  ],
  "who administers what is listed": ["atlassian.jira_get_all_projects", "postgres.list_schemas"],
};

/** Trusted although an argument is a free text, which an answer that repeats it would make trusted. */
const repeatsNothing: Readonly<Record<string, string>> = {
  "filesystem.get_file_info": "sizes, times and rights; the path stands in errors only",
  "gitlab.discover_tools": "trusted only without its argument",
  "memory.delete_entities": "one sentence, always the same",
  "memory.delete_observations": "one sentence, always the same",
  "memory.delete_relations": "one sentence, always the same",
};

const written = ["ticket", "message", "page", "repository", "log", "file", "memory"].map((what) => `${what}-content`);

/** The rule as each of its calls is classified: by itself, or with one of its cases over it. */
function outcomes(rule: Rule): readonly RuleOutcome[] {
  const over = (one: NonNullable<Rule["cases"]>[number]): RuleOutcome => {
    const kept = one.verb === undefined || one.verb === rule.verb ? rule : { ...rule, reversal: undefined };
    return { ...kept, ...one };
  };
  return [rule, ...(rule.cases ?? []).map(over)];
}

function knows(schema: JsonObject, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  if (name === "*") return typeof schema.items === "object" && knows(schema.items as JsonObject, rest);
  const properties = (schema.properties ?? {}) as { readonly [name: string]: JsonObject };
  return Object.hasOwn(properties, name) && knows(properties[name] ?? {}, rest);
}

/** Arguments that hold an address, by what the rule or the schema says, or by their name. */
function addressesOf({ id, rule, input }: Labelled): readonly string[] {
  // A resource is one of the server's own, whatever its address looks like.
  if (id.includes(".mcp:")) return [];
  const absent = [rule.environment ?? []]
    .flat()
    .flatMap((one) => (typeof one !== "string" && one.by === "absent" ? one.arguments : []));
  const properties = Object.entries((input.properties ?? {}) as { readonly [name: string]: JsonObject });
  return properties
    .filter(([name, schema]) => schema.format === "uri" || /(?:url|uri|endpoint|host)s?$|^href$/i.test(name))
    .map(([name]) => name)
    .filter((name) => !absent.includes(name));
}

/** Whether an agent could put words of its own into a call. */
function takesText({ input }: Labelled): boolean {
  const properties = Object.values((input.properties ?? {}) as { readonly [name: string]: JsonObject });
  return properties.some(
    ({ type, enum: values }) => values === undefined && !["boolean", "number", "integer"].includes(String(type)),
  );
}

function faultsOf(one: Labelled): readonly string[] {
  const faults: string[] = [];
  for (const { verb, flow, reversal, labels = [] } of outcomes(one.rule)) {
    const { effect, destinations, result } = flow ?? {};
    if (effect === undefined || result === undefined || (effect !== "read" && destinations === undefined)) {
      if (!Object.hasOwn(unlabelled, one.id)) faults.push("has no labels");
      continue;
    }
    if ((verb === "read") !== (effect === "read") && !(verb === "read" && effect === "egress"))
      faults.push(`calls a ${verb} ${effect}`);
    if (effect === "reversible" && reversal?.kind !== "inverse") faults.push("is reversible without an inverse");
    if (effect === "read" && addressesOf(one).length > 0 && !Object.hasOwn(goesNowhere, one.id))
      faults.push("reads at an address that the agent names");
    if (verb !== "read" && labels.includes("network") && effect !== "egress")
      faults.push("reaches the network and lets nothing leave");
    for (const place of destinations ?? []) {
      const { at, as = "" } = typeof place === "string" ? { at: place } : place;
      for (const named of [at, ...[...as.matchAll(/\{\{([^{}]+)\}\}/g)].map((match) => match[1] ?? "")]) {
        const [root, ...path] = named.split(".");
        if (root === "args" && !knows(one.input, path)) faults.push(`names ${named}, which is no argument`);
      }
    }
    for (const { at } of result.fields)
      if (one.output !== undefined && !knows(one.output, at.split(".")))
        faults.push(`names ${at}, which no answer has`);
    const isTrusted = result.integrity === "trusted";
    if (isTrusted && labels.some((label) => written.includes(label))) faults.push("trusts what others write");
    if (isTrusted && !Object.values(trusted).flat().includes(one.id)) faults.push("is trusted, and not by name here");
    if (isTrusted && takesText(one) && !Object.hasOwn(repeatsNothing, one.id))
      faults.push("is trusted, and could be made to say what it is asked");
    if (labels.includes("secret-content") && result.confidentiality !== "secret") faults.push("tells secrets");
    if (labels.includes("personal-data") && !["personal", "secret"].includes(result.confidentiality))
      faults.push("tells of people");
  }
  return [...new Set(faults)];
}

const faults = (of: readonly Labelled[]) => of.flatMap((one) => faultsOf(one).map((fault) => `${one.id} ${fault}`));

/** The faults of the packs with another label in each rule for which `change` gives one. */
function planted(change: (one: Labelled) => Partial<Rule> | undefined): readonly Labelled[] {
  return all.flatMap((one) => {
    const over = change(one);
    return over === undefined ? [] : [{ ...one, rule: { ...one.rule, cases: undefined, ...over } }];
  });
}

type Flow = NonNullable<Rule["flow"]>;

describe("the labels of the packs", () => {
  it("stand at every tool and method, and say nothing that its rule or its schema does not bear out", () => {
    expect(all.length).toBeGreaterThan(600);
    expect(faults(all)).toEqual([]);
  });

  it("are looked at by name: whatever stands in these lists is there, and needs to be", () => {
    const ids = new Map(all.map((one) => [one.id, one]));
    for (const id of [unlabelled, goesNowhere, repeatsNothing].flatMap((list) => Object.keys(list)))
      expect(ids.has(id), id).toBe(true);
    for (const id of Object.keys(goesNowhere)) expect(addressesOf(ids.get(id) as Labelled), id).not.toEqual([]);
    for (const id of Object.keys(repeatsNothing)) expect(takesText(ids.get(id) as Labelled), id).toBe(true);
    const isTrusted = ({ rule }: Labelled) => outcomes(rule).some(({ flow }) => flow?.result?.integrity === "trusted");
    const named = Object.values(trusted).flat();
    expect(
      all
        .filter(isTrusted)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...named].sort());
  });

  it("take what an argument decides into account: a case that reads does not inherit what its tool executes", () => {
    const dryRun = all.find(({ id }) => id === "filesystem.edit_file");
    expect(outcomes(dryRun?.rule as Rule).map(({ flow }) => flow?.effect)).toEqual(["reversible", "read"]);
    const without = (dryRun?.rule.cases ?? []).map(({ flow: _, ...rest }) => rest);
    expect(faultsOf({ ...(dryRun as Labelled), rule: { ...(dryRun as Labelled).rule, cases: without } })).toEqual([
      "calls a read reversible",
      "is reversible without an inverse",
    ]);
  });
});

describe("docs/packs.md", () => {
  it("counts what the labels say", async () => {
    const page = readFileSync(join(root, "docs/packs.md"), "utf8");
    const packs = await loadPacks();
    for (const id of packs.keys()) {
      const rules = Object.values(packs.get(id)?.tools ?? {});
      const by = (effect: string) => rules.filter(({ flow }) => flow?.effect === effect).length;
      const undone = rules.filter(
        ({ flow, cases }) =>
          flow?.effect !== "reversible" && cases?.some((one) => one.flow?.effect === "reversible") === true,
      );
      const trustedOf = rules.filter(({ flow }) => flow?.result?.integrity === "trusted");
      const closer = rules.filter(({ flow }) => /^(?:personal|secret)$/.test(flow?.result?.confidentiality ?? ""));
      const counts = [by("read"), by("reversible"), undone, by("irreversible"), by("egress"), trustedOf, closer];
      const cells = counts.map((one) => (Array.isArray(one) ? one.length : one));
      expect(page).toContain(`| \`${id}\` | ${cells.join(" | ")} |`);
    }
  });
});

describe("a planted label", () => {
  const every = (of: readonly Labelled[], fault: string) => {
    expect(of.length).toBeGreaterThan(0);
    for (const one of of) expect(faultsOf(one), one.id).toContain(fault);
  };
  const flowOfRule = (rule: Rule) => rule.flow as Flow;

  it("that is missing, wholly or in part, is found", () => {
    every(
      planted(() => ({ flow: undefined })),
      "has no labels",
    );
    every(
      planted(({ rule }) => ({ flow: { ...flowOfRule(rule), effect: undefined } })),
      "has no labels",
    );
    every(
      planted(({ rule }) => ({ flow: { ...flowOfRule(rule), result: undefined } })),
      "has no labels",
    );
    const places = planted(({ rule }) =>
      rule.flow?.effect === "read" ? undefined : { flow: { ...flowOfRule(rule), destinations: undefined } },
    );
    every(places, "has no labels");
  });

  it("that calls an execution a read, or a read an execution, is found", () => {
    const reads = planted(({ rule }) =>
      rule.verb === "read" ? undefined : { flow: { ...flowOfRule(rule), effect: "read" } },
    );
    expect(reads.length).toBeGreaterThan(250);
    for (const one of reads) expect(faultsOf(one), one.id).toContain(`calls a ${one.rule.verb} read`);
    const writes = planted(({ rule }) =>
      rule.verb === "read" ? { flow: { ...flowOfRule(rule), effect: "irreversible", destinations: [] } } : undefined,
    );
    every(writes, "calls a read irreversible");
  });

  it("that promises an undo where no inverse is declared is found", () => {
    const promised = planted(({ rule }) =>
      rule.verb === "read" || rule.reversal?.kind === "inverse"
        ? undefined
        : { flow: { ...flowOfRule(rule), effect: "reversible" } },
    );
    expect(promised.length).toBeGreaterThan(200);
    every(promised, "is reversible without an inverse");
  });

  it("of a read at an address is found, in any spelling of the argument", () => {
    for (const name of ["url", "webhookUrl", "target_uri", "endpoint", "baseURL"])
      every(
        planted((one) => (one.id === "memory.search_nodes" ? {} : undefined)).map((one) => ({
          ...one,
          input: { properties: { [name]: { type: "string" } } },
        })),
        "reads at an address that the agent names",
      );
    const format = { properties: { page: { type: "string", format: "uri" } } };
    every(
      all.filter(({ id }) => id === "memory.search_nodes").map((one) => ({ ...one, input: format })),
      "reads at an address that the agent names",
    );
    // Argo CD's reads are no reads where the address is given: their mapping says so, and without it they are found.
    every(
      planted(({ id, rule }) => (/^argocd\.(?:get|list)_/.test(id) ? { ...rule, environment: "server" } : undefined)),
      "reads at an address that the agent names",
    );
  });

  it("that names an argument which is not there is found, in a list, in an object and in a whole name", () => {
    const places = ["args.nowhere", "args.owner.name", "args.owner.*", { at: "args.repo", as: "{{args.org}}/x" }];
    for (const place of places) {
      const wrong = planted(({ id, rule }) =>
        id === "github.create_branch" ? { flow: { ...flowOfRule(rule), destinations: [place] } } : undefined,
      );
      expect(wrong.flatMap(faultsOf)).toEqual([expect.stringMatching(/^names args\..+, which is no argument$/)]);
    }
    const field = planted(({ id, rule }) =>
      id === "git.git_commit"
        ? {
            flow: {
              ...flowOfRule(rule),
              result: { ...resultOf(rule), fields: [{ at: "hash", integrity: "trusted" }] },
            },
          }
        : undefined,
    );
    every(field, "names hash, which no answer has");
  });

  it("that keeps in what reaches the network is found", () => {
    const kept = planted(({ rule }) =>
      rule.verb !== "read" && rule.labels?.includes("network") === true
        ? { flow: { ...flowOfRule(rule), effect: "irreversible" } }
        : undefined,
    );
    expect(kept.length).toBeGreaterThan(10);
    every(kept, "reaches the network and lets nothing leave");
  });

  it("that trusts what others write, or anything that nobody looked at, is found", () => {
    const trusting = planted(({ rule }) => ({
      flow: { ...flowOfRule(rule), result: { ...resultOf(rule), integrity: "trusted" } },
    }));
    const content = trusting.filter(({ rule }) => rule.labels?.some((label) => written.includes(label)));
    expect(content.length).toBeGreaterThan(150);
    every(content, "trusts what others write");
    const looked = Object.values(trusted).flat();
    every(
      trusting.filter(({ id }) => !looked.includes(id)),
      "is trusted, and not by name here",
    );
    const asked = trusting.filter((one) => takesText(one) && !Object.hasOwn(repeatsNothing, one.id));
    expect(asked.length).toBeGreaterThan(500);
    every(asked, "is trusted, and could be made to say what it is asked");
  });

  it("that says less than secret or personal of what its tool tells is found", () => {
    const open = planted(({ rule }) => ({
      flow: { ...flowOfRule(rule), result: { ...resultOf(rule), confidentiality: "internal" } },
    }));
    const has = (label: string) => open.filter(({ rule }) => rule.labels?.includes(label));
    every(has("secret-content"), "tells secrets");
    every(has("personal-data"), "tells of people");
  });
});

function resultOf(rule: Rule): NonNullable<Flow["result"]> {
  if (rule.flow?.result === undefined) throw new Error("no result is labelled");
  return rule.flow.result;
}
