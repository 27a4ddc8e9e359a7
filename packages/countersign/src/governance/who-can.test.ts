import { beforeAll, describe, expect, it } from "vitest";
import { digestDefinition } from "../catalog/definition.ts";
import { buildCatalog, loadPacks, type Pin, toolsFileSchema } from "../catalog/index.ts";
import { acme } from "../policy/acme.fixture.ts";
import type { Control } from "./control.ts";
import { whoCan } from "./who-can.ts";

const environments = [
  { name: "sandbox", production: false },
  { name: "live", production: true },
];
const reason = "nothing brings it back";
const undo = { tool: "apply", args: {} };
const inverse = { kind: "inverse", undo, sentence: "applies what was before" };
const file = toolsFileSchema.parse({
  server: "deploy",
  transport: { kind: "package", package: "x" },
  environment: "sandbox",
  tools: {
    apply: {
      verb: "execute",
      environment: "server",
      defaults: { mode: "list" },
      cases: [
        { when: { mode: ["list"] }, verb: "read" },
        { when: { mode: ["create"] }, reversal: inverse },
      ],
      reversal: { kind: "irreversible", reason },
    },
    status: {
      verb: "execute",
      environment: "server",
      cases: [{ when: { mode: ["list"] }, verb: "read" }],
      reversal: inverse,
    },
  },
});
const definitions = ["apply", "status"].map((name) => ({ name, inputSchema: { type: "object" } }));
const pins = definitions.map(
  (definition): Pin => ({
    server: "deploy",
    tool: definition.name,
    digest: digestDefinition(definition) ?? "",
    definition,
    status: "pinned",
    seenAt: "2026-11-26T00:00:00.000Z",
  }),
);
let control: Control;

beforeAll(async () => {
  const catalog = buildCatalog({
    files: [file],
    packs: await loadPacks(),
    pins,
    definitions: new Map([["deploy", definitions]]),
    environments,
    workspace: "/ws",
  });
  const person = "ana@acme.example";
  const bot = { name: "deploy-bot", owner: person, workflow: "rollout", dri: person };
  const loaded = {
    workspace: { environments, organisation: {} },
    catalog,
    policies: await acme(),
    directory: { agents: new Map([[bot.name, bot]]), people: new Map([[person, {}]]), tierOf: () => 3 },
    unproven: new Map(),
  };
  const now = () => Date.parse("2026-11-26T12:00:00.000Z");
  control = {
    keeper: { loaded: () => loaded, credentials: () => ({ byId: new Map() }) },
    parts: { ledger: { now }, clock: { now } },
  } as unknown as Control;
});

describe("a tool whose arguments decide how it is undone", () => {
  const live = (tool: string, verb: string) =>
    whoCan(control, { tool, environment: "live" }).filter((one) => one.verb === verb);

  it("is answered by what all its cases of a verb come to, and not by that of a call without arguments", () => {
    const [line] = live("deploy.apply", "execute");
    expect(line?.answer).toBe("depends");
    expect(line?.depends).toContain("tier-3-way-back");
    // The workflow wants a check of each call of it.
    expect(live("deploy.apply", "read")).toMatchObject([{ answer: "require" }]);
  });

  it("is answered outright where the cases that read alone differ", () => {
    const [line] = live("deploy.status", "execute");
    expect(line?.depends).not.toContain("tier-3-way-back");
    expect(line?.answer).toBe("require");
  });

  it("is answered outright where nothing asks how it is undone", () => {
    const answers = whoCan(control, { tool: "deploy.apply", environment: "sandbox" });
    expect(answers.map(({ verb, answer }) => [verb, answer])).toEqual([
      ["execute", "require"],
      ["read", "require"],
    ]);
  });
});
