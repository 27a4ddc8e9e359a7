import type { Decision, DecisionInput, JsonObject } from "@countersign/contract";
import { buildCatalog, type Catalog, type Definition, type Tool, toolsFileSchema } from "../catalog/index.ts";
import { asks } from "./acme.fixture.ts";
import { compile, type PolicySources, tryCompile } from "./compile.ts";
import { decide } from "./decide.ts";
import type { Guardrail } from "./guardrail/guardrail.ts";
import type { CompiledPolicies } from "./policy.ts";
import type { CapRule } from "./rules.ts";

const text = { type: "string" } as const;
const list = (items: JsonObject): JsonObject => ({ type: "array", items });

/** The tools of one server, each with arguments of one kind. */
const properties: { readonly [tool: string]: JsonObject } = {
  send: { to: list(text), cc: text, body: text },
  forward: { to: text, link: text },
  open: { url: text },
  write: { path: text },
  pull_request: { title: text, files: list({ type: "object", properties: { path: text, content: text } }) },
  refund: { amount: text, cents: { type: "integer" }, currency: text },
  query: { sql: text },
  apply: { manifest: text },
  plan: { plan: text },
  purge: { ids: list(text), limit: { type: "integer" } },
};

const file = toolsFileSchema.parse({
  server: "desk",
  transport: { kind: "stdio", command: "unused" },
  environment: "sandbox",
  base: "/ws",
  tools: {
    send: { verb: "execute", environment: "server", normalise: { to: "email", cc: "email" } },
    forward: {
      verb: "execute",
      environment: "server",
      labels: ["customer"],
      normalise: { to: "email", link: "url" },
    },
    open: { verb: "read", environment: "server", normalise: { url: "url" } },
    write: { verb: "execute", environment: "server", normalise: { path: "path" } },
    pull_request: {
      verb: "propose",
      environment: "server",
      normalise: { files: { as: "path", from: "files.*.path", base: "/" } },
      reach: { objects: "args.files" },
    },
    refund: {
      verb: "execute",
      environment: "server",
      normalise: {
        amount: { as: "money", unit: "major", currency: "EUR" },
        cents: { as: "money", unit: "minor", currencyFrom: "currency" },
      },
      reach: { money: "parsed.amount", customers: 1 },
    },
    query: { verb: "execute", environment: "server", normalise: { sql: "sql" } },
    apply: {
      verb: "execute",
      environment: "server",
      normalise: { manifest: "kubernetes" },
      reach: { objects: "parsed.manifest.count" },
    },
    plan: {
      verb: "propose",
      environment: "server",
      normalise: { plan: "terraform" },
      reach: { objects: "parsed.plan.count" },
    },
    purge: {
      verb: "execute",
      environment: "server",
      defaults: { limit: 100 },
      reach: { objects: "args.ids", rows: "args.limit" },
    },
  },
});

const definitions: readonly Definition[] = Object.entries(properties).map(([name, members]) => ({
  name,
  inputSchema: { type: "object", properties: members },
}));

export const catalog: Catalog = buildCatalog({
  files: [file],
  packs: new Map(),
  pins: [],
  definitions: new Map([["desk", definitions]]),
  environments: [
    { name: "sandbox", production: false },
    { name: "live", production: true },
  ],
  workspace: "/ws",
});

function toolOf(name: string): Tool {
  const tool = catalog.tool("desk", name);
  if (tool === undefined) throw new Error(`no ${name}`);
  return tool;
}

export const names: readonly string[] = Object.keys(properties);

function sources(own: string, caps: readonly CapRule[], guardrails: readonly Guardrail[] = []): PolicySources {
  return {
    revision: 1,
    workflows: [
      {
        file: "workflows/desk.yaml",
        workflow: "desk",
        agents: ["clerk"],
        tier: 2,
        allow: names.map((name) => `desk.${name}`),
        ask: [],
        block: [],
        caps,
        guardrails,
      },
    ],
    own: own === "" ? [] : [{ file: "policies/own.cedar", text: own }],
    tools: names.map((name) => {
      const { id, definition, parsed } = toolOf(name);
      return { id, inputSchema: definition.inputSchema, ...(parsed === undefined ? {} : { parsed }) };
    }),
  };
}

export function desk(
  own: string,
  caps: readonly CapRule[] = [],
  absent: "refuse" | "expect" = "refuse",
): Promise<CompiledPolicies> {
  return compile({ ...sources(own, caps), absent });
}

export function deskWith(
  guardrails: readonly Guardrail[],
  absent: "refuse" | "expect" = "refuse",
): Promise<CompiledPolicies> {
  return compile({ ...sources("", [], guardrails), absent });
}

/** What stands against a text of guardrails. */
export async function faultsOf(own: string, guardrails: readonly Guardrail[] = []): Promise<readonly string[]> {
  const compiled = await tryCompile(sources(own, [], guardrails));
  return compiled.ok ? [] : compiled.faults.map((fault) => fault.detail);
}

/** The question as the hall makes it of a call. */
export function inputOf(name: string, args: JsonObject): DecisionInput {
  const { projected, verb, labels, signals = [], reach } = toolOf(name).classify(args);
  const asked = asks({
    tool: `desk.${name}`,
    verb,
    tier: 2,
    principal: { agent: "clerk", workflow: "desk" },
    args: projected,
    facts: { signals, ...(reach === undefined ? {} : { reach }) },
  });
  return { ...asked, resource: { ...asked.resource, labels } };
}

export function ask(policies: CompiledPolicies, name: string, args: JsonObject): Decision {
  return decide(inputOf(name, args), policies);
}
