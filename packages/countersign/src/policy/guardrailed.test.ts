import type { ApprovalFact, DecisionInput, JsonObject, Tier } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { packServers } from "../../../../scripts/pack-servers.ts";
import { readListing } from "../../../../scripts/recorded-listings.ts";
import { approval, asks, callDigest, check, sources } from "./acme.fixture.ts";
import { compile, tryCompile } from "./compile.ts";
import { decide } from "./decide.ts";
import type { CompiledPolicies, ToolShape } from "./policy.ts";
import type { ReadInvariant } from "./prove/invariant.ts";
import { prove } from "./prove/prove.ts";
import { readOwn } from "./prove/read-invariants.ts";
import { Solver, solverCommands } from "./prove/solver.ts";
import type { WorkflowRules } from "./rules.ts";

const asksFor = (tool: string): string => `triage/guardrailed/${tool}`;
/** Every tool that the packs know, as its server listed it: what a workflow could allow at most. */
const tools: ToolShape[] = [];
let triage: WorkflowRules;
let policies: CompiledPolicies;

beforeAll(async () => {
  for (const server of Object.keys(packServers))
    for (const { name, inputSchema } of (await readListing(server)).tools)
      tools.push({ id: `${server}.${name}`, inputSchema: inputSchema as JsonObject });
  const [first = "", second = "", ...others] = tools.map(({ id }) => id);
  triage = {
    file: "workflows/triage.yaml",
    workflow: "triage",
    agents: ["sorter"],
    tier: 1,
    guardrailed: true,
    allow: others,
    ask: [
      { tool: first, from: "support-leads" },
      { tool: second, from: "sre", count: 2 },
    ],
    block: [],
  };
  policies = await compile(sources({ workflows: [triage], tools, checks: ["secrets"] }));
});

interface Call {
  readonly tool: string;
  readonly verb: DecisionInput["action"]["verb"];
  readonly tier: Tier;
  readonly production: boolean;
  readonly reversal: "plan" | "irreversible" | "none";
  readonly tainted: boolean;
}

function input(call: Call, approvals: readonly ApprovalFact[] = []): DecisionInput {
  const { reversal, tainted, ...asked } = call;
  return asks({
    ...asked,
    principal: { agent: "sorter", workflow: "triage", onBehalfOf: "rio@acme.example" },
    facts: {
      approvals,
      reversal,
      checks: [check("secrets")],
      flow: {
        ...{ effect: call.verb === "read" ? "read" : "reversible", brings: "internal", tainted, sources: [], read: [] },
        origins: ["task"],
      },
    },
  });
}

const call = (verb: fc.Arbitrary<Call["verb"]>): fc.Arbitrary<Call> =>
  fc.record({
    tool: fc.constantFrom(...tools.map(({ id }) => id)),
    verb,
    tier: fc.constantFrom<Tier>(0, 1, 2, 3),
    production: fc.boolean(),
    reversal: fc.constantFrom("plan", "irreversible", "none"),
    tainted: fc.boolean(),
  });

describe("a guardrailed workflow", () => {
  it("MT-89 asks for an approval before each write of every tool that the packs know, at every tier and everywhere", () => {
    expect(tools.length).toBeGreaterThan(100);
    const seen = { require: 0, deny: 0 };
    const ask = (one: Call): void => {
      const { effect, requirements } = decide(input(one), policies);
      expect(effect).not.toBe("allow");
      if (effect === "require") expect(requirements.map(({ kind }) => kind)).toContain("approval");
      seen[effect as keyof typeof seen]++;
    };
    // Each tool once under both verbs that write, where nothing else stands against it; then whatever there is.
    for (const { id } of tools)
      for (const verb of ["propose", "execute"] as const)
        ask({ tool: id, verb, tier: 2, production: false, reversal: "plan", tainted: false });
    expect(seen).toEqual({ require: 2 * tools.length, deny: 0 });
    fc.assert(fc.property(call(fc.constantFrom("propose", "execute")), ask), { numRuns: 2000, seed: 89 });
    expect(seen.deny).toBeGreaterThan(0);
  });

  it("MT-89 lets reads go, and a write whose person has approved it; an approval of another question counts nothing", () => {
    const allowed = triage.allow;
    expect(
      allowed.map(
        (tool) =>
          decide(input({ tool, verb: "read", tier: 0, production: true, reversal: "none", tainted: false }), policies)
            .effect,
      ),
    ).toEqual(allowed.map(() => "allow"));
    const [tool = ""] = allowed;
    const write: Call = { tool, verb: "execute", tier: 2, production: false, reversal: "plan", tainted: false };
    const given = approval(policies, asksFor(tool), { groups: ["dri"] });
    const effectOf = (more: Partial<ApprovalFact>) => decide(input(write, [{ ...given, ...more }]), policies).effect;
    expect(effectOf({})).toBe("allow");
    expect(effectOf({ groups: ["sre"] })).toBe("require");
    expect(effectOf({ person: "rio@acme.example" })).toBe("require");
    expect(effectOf({ callDigest: callDigest.replaceAll("c", "d") })).toBe("require");
    expect(effectOf({ policy: asksFor(allowed[1] ?? "") })).toBe("require");
    expect(effectOf({ grant: { id: "gov_1", until: "2027-01-01T00:00:00.000Z" } })).toBe("require");
  });

  it("MT-89 asks once: what `ask` names is asked of whom it names, and of nobody besides", () => {
    const [one = "", two = ""] = triage.ask.map(({ tool }) => tool);
    const asked = (tool: string, verb: Call["verb"]) =>
      decide(
        input({ tool, verb, tier: 2, production: false, reversal: "plan", tainted: false }),
        policies,
      ).requirements.map((all) => (all.kind === "approval" ? `${all.count} from ${all.from}` : all.kind));
    for (const verb of ["read", "propose", "execute"] as const) {
      expect(asked(one, verb)).toEqual(["1 from support-leads"]);
      expect(asked(two, verb)).toEqual(["2 from sre"]);
    }
    expect(asked(triage.allow[0] ?? "", "propose")).toEqual(["1 from dri"]);
  });

  it("MT-89 is proved of tools across the packs: no request is a write that is allowed without its own approval", async () => {
    const place = { file: "policies/invariants.yaml", line: 1, column: 1 };
    const own = async (tool: string, policy: string): Promise<ReadInvariant> => {
      const when = `action == Action::"${tool}" && context.tool.verb != "read" && !context.facts.cured.contains("${policy}")`;
      const invariant = { name: "ours", title: "ours", source: "own", never: "allow", when, observed: true } as const;
      const { invariants, faults } = await readOwn([{ ...invariant, ...place }], policies);
      expect(faults).toEqual([]);
      const [read] = invariants;
      if (read === undefined) throw new Error("it was not read");
      return read;
    };
    const { guardrailed: _, ...loose } = triage;
    const without = await compile(sources({ workflows: [loose], tools, checks: ["secrets"] }));
    const limits = { questionMs: 20_000, invariantMs: 120_000, now: () => performance.now() };
    const solver = new Solver(solverCommands(undefined));
    try {
      const some = triage.allow.filter((_tool, at) => at % 100 === 0);
      expect(some.length).toBeGreaterThan(1);
      for (const tool of some)
        expect((await prove(policies, await own(tool, asksFor(tool)), solver, limits)).answer, tool).toBe("proved");
      // The counter-case: the same file without the pattern has such a write.
      const [first = ""] = some;
      const loosely = await prove(without, await own(first, asksFor(first)), solver, limits);
      expect(loosely.answer).toBe("counter-example");
      for (const { tool } of triage.ask)
        expect((await prove(policies, await own(tool, `triage/approval/${tool}`), solver, limits)).answer).toBe(
          "proved",
        );
    } finally {
      solver.close();
    }
  }, 180_000);

  it("does not compile where a write could pass that nobody looked at", async () => {
    const faultsOf = async (more: Partial<WorkflowRules>) => {
      const found = await tryCompile(sources({ workflows: [{ ...triage, ...more }], tools, checks: ["secrets"] }));
      return found.ok ? [] : found.faults.map(({ detail }) => detail);
    };
    const [ask] = triage.ask;
    if (ask === undefined) throw new Error("nothing is asked");
    expect(await faultsOf({ mode: "observe", observeUntil: "2027-01-01T00:00:00Z" })).toEqual([
      "a guardrailed workflow is not observed: its writes would pass without an approval",
    ]);
    expect(await faultsOf({ ask: [{ ...ask, grants: "yes" }] })).toEqual([
      `\`${ask.tool}\` takes grants, and in a guardrailed workflow each write is looked at`,
    ]);
  });
});
