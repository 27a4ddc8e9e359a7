import { describe, expect, it } from "vitest";
import { localTime } from "../../floor/local-time.ts";
import { rollout, sources, support, tools } from "../acme.fixture.ts";
import { compile } from "../compile.ts";
import type { Guardrail } from "../guardrail/guardrail.ts";
import type { CompiledPolicies } from "../policy.ts";
import { compareSets } from "./compare-sets.ts";
import { type Proof, prove } from "./prove.ts";
import { readOwn } from "./read-invariants.ts";
import { Solver, solverCommands } from "./solver.ts";

const limits = { questionMs: 20_000, invariantMs: 60_000, now: () => performance.now() };
const zone = "Europe/Berlin";
const tool = "deploy.apply";
const wide = tools.map((one) =>
  one.id === tool ? { ...one, inputSchema: { type: "object", properties: { share: { type: "integer" } } } } : one,
);
const common = { tools: [tool], production: false } as const;
const window = (to: number): Guardrail => ({
  use: "change-window",
  name: "window",
  ...common,
  hours: { zone, days: [1, 2, 3, 4], from: 540, to },
});
const freeze = (to: number): Guardrail => ({ use: "freeze", name: "freeze", ...common, zone, from: 20261219, to });
const step = (most: number): Guardrail => ({
  use: "step-limit",
  name: "step",
  ...common,
  argument: "share",
  current: "/share",
  most,
});
const calls = (most: number): Guardrail => ({
  use: "call-limit",
  name: "calls",
  tools: [tool],
  most,
  per: "run",
  within: "1h",
});

function guarded(...guardrails: readonly Guardrail[]): Promise<CompiledPolicies> {
  return compile(sources({ workflows: [support, { ...rollout, guardrails }], tools: wide }));
}

async function proved(policies: CompiledPolicies, condition: string): Promise<Proof> {
  const when = `principal in Workflow::"rollout" && action == Action::"${tool}" && ${condition}`;
  const place = { file: "policies/invariants.yaml", line: 5, column: 7 };
  const { invariants, faults } = await readOwn(
    [{ name: "own", title: "own", source: "own", never: "allow", when, observed: false, ...place }],
    policies,
  );
  expect(faults).toEqual([]);
  const solver = new Solver(solverCommands(undefined));
  try {
    return await prove(policies, invariants[0] as (typeof invariants)[number], solver, limits);
  } finally {
    solver.close();
  }
}

function request(proof: Proof) {
  if (proof.answer !== "counter-example") throw new Error(JSON.stringify(proof));
  const { input } = proof.replayed;
  return { input, local: localTime(zone, Date.parse(input.at)) };
}

describe("an invariant over what is counted, and over clocks", () => {
  const now = `context.local["${zone}"]`;
  const outside = `(${now}.weekday > 4 || ${now}.minute < 540 || ${now}.minute >= 960)`;
  const frozen = `${now}.day >= 20261219 && ${now}.day <= 20270103`;
  const large = 'context.facts.steps["rollout/guardrail/step"] > 10';
  const many = 'context.facts.counts["rollout/guardrail/calls"] > 3';

  it("is proven of the guardrails that keep it", async () => {
    const policies = await guarded(window(960), freeze(20270103), step(10), calls(3));
    for (const condition of [outside, frozen, large, many])
      expect(await proved(policies, condition), condition).toMatchObject({ answer: "proved" });
  });

  it("has a request that the evaluator decides so where one of them is moved by one", async () => {
    const later = request(await proved(await guarded(window(961)), outside));
    expect([later.local?.minute, [1, 2, 3, 4].includes(later.local?.weekday ?? 0)]).toEqual([960, true]);
    expect(request(await proved(await guarded(freeze(20270102)), frozen)).local?.day).toBe(20270103);
    const step11 = request(await proved(await guarded(step(11)), large)).input;
    expect(step11.facts.steps).toEqual({ "rollout/guardrail/step": 11 });
    const call4 = request(await proved(await guarded(calls(4)), many)).input;
    expect(call4.facts.counts).toEqual({ "rollout/guardrail/calls": 4 });
  });

  it("nor is a day without its weekday: what goes together is found", async () => {
    const friday = `${frozen} && ${now}.weekday == 5 && ${now}.minute == 61`;
    const { local } = request(await proved(await guarded(window(960)).then(withoutWindow), friday));
    expect(local).toMatchObject({ weekday: 5, minute: 61 });
    expect([20261225, 20270101]).toContain(local?.day);
  });
});

/** The set knows the zone, and nothing is left that reads it. */
function withoutWindow(policies: CompiledPolicies): CompiledPolicies {
  return { ...policies, policies: policies.policies.filter(({ id }) => !id.includes("/guardrail/")) };
}

it("a comparison knows what both sets count and whose clocks they read", async () => {
  const solver = new Solver(solverCommands(undefined));
  try {
    const told = await compareSets(await guarded(step(10)), await guarded(window(960)), solver, {
      ...limits,
      allMs: 120_000,
    });
    expect(told.findings.filter(({ answer }) => answer !== "request")).toEqual([]);
    const allowed = told.findings.find(({ newly, verb }) => newly === "allowed" && verb === "read");
    if (allowed?.answer !== "request") throw new Error("it is not found");
    // What nobody counted denies where it is read.
    expect(allowed.input.facts.steps?.["rollout/guardrail/step"] ?? 11).toBeGreaterThan(10);
    expect(localTime(zone, Date.parse(allowed.input.at))?.weekday).toBeLessThan(5);
  } finally {
    solver.close();
  }
});
