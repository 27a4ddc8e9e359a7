import { describe, expect, it } from "vitest";
import { acme, rollout, support, tools } from "../acme.fixture.ts";
import type { CompiledPolicies } from "../policy.ts";
import type { Invariant } from "./invariant.ts";
import { type Proof, prove } from "./prove.ts";
import { readOwn, readShipped } from "./read-invariants.ts";
import { requestSentence } from "./request-sentence.ts";
import { Solver, type SolverCommand, solverCommands } from "./solver.ts";

/** Sets are values: each is compiled once. */
const compiled = new Map<string, ReturnType<typeof acme>>();
function setOf(text = ""): ReturnType<typeof acme> {
  const known = compiled.get(text) ?? acme(text);
  compiled.set(text, known);
  return known;
}

const now = () => performance.now();
const limits = { questionMs: 20_000, invariantMs: 60_000, now };

function own(name: string, when: string, more: Partial<Invariant> = {}): Invariant {
  const place = { file: "policies/invariants.yaml", line: 5, column: 7 };
  return { name, title: name, source: "own", never: "allow", when, observed: false, ...place, ...more };
}

async function proveOwn(
  policies: CompiledPolicies,
  invariant: Invariant,
  solvers: readonly SolverCommand[] = solverCommands(undefined),
  more: Partial<typeof limits> = {},
): Promise<Proof> {
  const { invariants, faults } = await readOwn([invariant], policies);
  expect(faults).toEqual([]);
  const [read] = invariants;
  if (read === undefined) throw new Error("it was not read");
  const solver = new Solver(solvers);
  try {
    return await prove(policies, read, solver, { ...limits, ...more });
  } finally {
    solver.close();
  }
}

async function proveShipped(
  policies: CompiledPolicies,
  solvers = solverCommands(undefined),
): Promise<readonly Proof[]> {
  const solver = new Solver(solvers);
  try {
    const proofs: Proof[] = [];
    for (const invariant of await readShipped()) proofs.push(await prove(policies, invariant, solver, limits));
    return proofs;
  } finally {
    solver.close();
  }
}

/** The set without one of its policies: what a slip in what ships would be. */
function without(policies: CompiledPolicies, id: string): CompiledPolicies {
  const left = policies.policies.filter((policy) => policy.id !== id);
  expect(left.length).toBe(policies.policies.length - 1);
  return { ...policies, policies: left };
}

describe("the shipped invariants", () => {
  it("are proved of every set without a solver, whatever its own policies permit", async () => {
    const policies = await setOf(limit);
    const proofs = await proveShipped(policies, []);
    expect(proofs.map(({ answer, invariant }) => [invariant.name, answer])).toEqual([
      ["low-tiers-never-execute", "proved"],
      ["production-needs-everything", "proved"],
      ["a-stop-stops-everything", "proved"],
      ["unreviewed-never-allowed", "proved"],
    ]);
    expect(proofs.every(({ solver }) => solver === undefined)).toBe(true);
  });

  it("hold in workflows that are only observed where they say so, and else of those that are enforced", async () => {
    const policies = await acme("", { workflows: [support, { ...rollout, mode: "observe" }] });
    expect((await proveShipped(policies, [])).map(({ answer }) => answer)).toEqual(Array(4).fill("proved"));
    const tiers = await proveOwn(
      policies,
      own("tiers", 'context.tool.verb == "execute" && principal.tier <= 1', { observed: true }),
    );
    expect(tiers).toMatchObject({ answer: "counter-example", replayed: { decision: { observed: "deny" } } });
  });

  it.each([
    ["tier-1-proposes", "low-tiers-never-execute"],
    ["tier-2-outside-production", "production-needs-everything"],
    ["tier-3-fresh-check", "production-needs-everything"],
    ["tier-3-way-back", "production-needs-everything"],
    ["stop", "a-stop-stops-everything"],
    ["unreviewed-tool", "unreviewed-never-allowed"],
  ])("do not hold without policy `%s`, and a request that is allowed shows it", async (id, name) => {
    const proofs = await proveShipped(without(await setOf(), id));
    const broken = proofs.filter(({ answer }) => answer !== "proved");
    expect(broken.map(({ invariant, answer }) => [invariant.name, answer])).toEqual([[name, "counter-example"]]);
    const [proof] = broken;
    if (proof?.answer !== "counter-example") throw new Error("there is no request");
    expect(proof.replayed.decision.effect).toBe("allow");
    expect(requestSentence(proof.replayed.input)).toMatch(/^agent `.+` \(tier \d, workflow `.+`\) calls `/);
  });
});

const limit = `
@id("refund-limit")
forbid (principal, action == Action::"helpdesk.draft_refund", resource)
when { context.args has amount && context.args.amount > 500 };`;
const refund = 'action == Action::"helpdesk.draft_refund" && context.args has amount';

describe("an organisation's own invariant", () => {
  it("is proved with arithmetic that only a solver can do", async () => {
    const policies = await setOf(limit);
    expect(await proveOwn(policies, own("limit", `${refund} && context.args.amount * 2 > 1001`))).toMatchObject({
      answer: "proved",
      solver: "z3-solver",
    });
  });

  it("is shown not to hold by a request that the evaluator allows, with the approvals that it needs", async () => {
    const policies = await setOf(limit);
    const proof = await proveOwn(policies, own("limit", `${refund} && context.args.amount > 400`));
    if (proof.answer !== "counter-example") throw new Error(proof.answer);
    const { input, decision } = proof.replayed;
    expect(decision.effect).toBe("allow");
    expect(Number(input.args.amount)).toBeGreaterThan(400);
    expect(Number(input.args.amount)).toBeLessThanOrEqual(500);
    expect(input.facts.approvals.length).toBe(2);
  });

  it("can say that nobody acts without a policy's cure, or that it is not even asked for", async () => {
    const policies = await setOf();
    const cure = "support-replies/approval/helpdesk.draft_refund";
    const uncured = `action == Action::"helpdesk.draft_refund" && !context.facts.cured.contains("${cure}")`;
    expect((await proveOwn(policies, own("people", uncured))).answer).toBe("proved");
    expect((await proveOwn(policies, own("asked", uncured, { never: "require" }))).answer).toBe("counter-example");
  });

  it("knows that a target may have no owner", async () => {
    const owned = 'forbid (principal, action, resource) when { resource has owner && resource.system == "helpdesk" };';
    const policies = await setOf(`@id("owned") ${owned}`);
    const proof = await proveOwn(policies, own("helpdesk-is-closed", 'resource.system == "helpdesk"'));
    expect(proof.answer).toBe("counter-example");
    if (proof.answer === "counter-example") expect(proof.replayed.input.resource).not.toHaveProperty("owner");
  });

  it("is not decided where a list of records is read, which is not modelled, and never guessed", async () => {
    const items = { type: "array", items: { type: "object", properties: { id: { type: "string" } } } };
    const bulk = { id: "deploy.bulk", inputSchema: { type: "object", properties: { items } } };
    const text = `
@id("no-bulk")
forbid (principal, action == Action::"deploy.bulk", resource)
unless { context.args has items && context.args.items.isEmpty() };`;
    const workflow = { ...rollout, allow: [...rollout.allow, bulk.id] };
    const policies = await acme(text, { tools: [...tools, bulk], workflows: [support, workflow] });
    const proof = await proveOwn(
      policies,
      own("bulk", 'action == Action::"deploy.bulk" && context.args has items && !context.args.items.isEmpty()'),
    );
    expect(proof).toMatchObject({ answer: "not decided", tool: "deploy.bulk" });
    expect(proof.answer === "not decided" && proof.why).toMatch(/list of lists or records is not modelled/);
  });

  it.each([
    ["an unknown attribute", "principal.teir <= 1", 5, 7, /tier/],
    [
      "an unknown attribute further down",
      'context.tool.verb == "execute"\n  && context.facts.stoped',
      6,
      12,
      /stopped/,
    ],
    ["a syntax error", "principal.tier <=", 5, 24, /unexpected/],
    ["a policy in its place", "true } ; permit (principal, action, resource) when { true", 5, 7, /not one expression/],
    ["two conditions in its place", "true } unless { false", 5, 7, /not one expression/],
    ["a cure that there is not", 'context.facts.cured.contains("tier-3-fresh-chek")', 5, 7, /no policy .* has a cure/],
    ["a tool that there is not", 'principal is Agent && action == Action::"none.such"', 5, undefined, /none\.such/],
    [
      "a condition that can never hold",
      'action == Action::"deploy.wipe" && action == Action::"deploy.apply"',
      5,
      7,
      /can never hold/,
    ],
  ])("with %s is refused with its line and column", async (_, when, line, column, detail) => {
    const { invariants, faults } = await readOwn([own("wrong", when)], await setOf());
    expect(invariants).toEqual([]);
    const [fault] = faults;
    expect(`${fault?.detail} ${fault?.help}`).toMatch(detail);
    expect(fault).toMatchObject({
      file: "policies/invariants.yaml",
      line,
      ...(column === undefined ? {} : { column }),
    });
  });
});

/** A program in place of a solver. */
function pretender(script: string): readonly SolverCommand[] {
  return [{ name: "pretender", command: process.execPath, args: ["-e", script], env: {} }];
}

const echo = 'require("readline").createInterface({input:process.stdin}).on("line",(line)=>{';
const mark = 'const mark=/^.echo "(.*)"/.exec(line); if(mark) console.log(mark[1]);';

describe("a solver that", () => {
  const needs = own("limit", `${refund} && context.args.amount * 2 > 1001`);
  it.each([
    ["hangs", `let hung=false;${echo}hung||=/check-sat/.test(line);if(!hung) {${mark}}})`, /out of time/],
    ["dies", `${echo}if(/check-sat/.test(line)) process.exit(3);${mark}})`, /died/],
    ["prints nonsense", `${echo}if(/check-sat/.test(line)) console.log("perhaps");${mark}})`, /cannot be read/],
    ["complains", `${echo}if(/check-sat/.test(line)) console.log('(error "no")');${mark}})`, /cannot be read/],
    [
      "claims a request and tells nonsense of it",
      `${echo}if(/check-sat/.test(line)) console.log("sat");if(/get-value/.test(line)) console.log("((a b)");${mark}})`,
      /cannot be read/,
    ],
    ["does not know", `${echo}if(/check-sat/.test(line)) console.log("unknown");${mark}})`, /does not know/],
    ["does not start", "process.exit(1)", /does not start/],
  ])("%s decides nothing", async (_, script, why) => {
    const questionMs = why.source === "out of time" ? 1_000 : 20_000;
    const proof = await proveOwn(await setOf(limit), needs, pretender(script), { questionMs });
    expect(proof.answer).toBe("not decided");
    expect(proof.answer === "not decided" && proof.why).toMatch(why);
  });

  it("claims a request that is none is not believed", async () => {
    const lie = `${echo}if(/check-sat/.test(line)) console.log("sat");const asked=/^.get-value .(.*)../.exec(line);
      if(asked) console.log("("+asked[1].match(/v\\d+|\\(s\\d+ [^)]*\\)|"[^"]*"/g).map((term)=>"("+term+" 0)").join(" ")+")");${mark}})`;
    const proof = await proveOwn(await setOf(limit), needs, pretender(lie));
    expect(proof.answer).toBe("not decided");
  });

  it("is not there decides nothing, and what needs none is proved all the same", async () => {
    const nowhere = [{ name: "z3", command: "/nowhere/z3", args: [], env: {} }];
    const policies = await setOf(limit);
    const proof = await proveOwn(policies, needs, nowhere);
    expect(proof.answer === "not decided" && proof.why).toMatch(/no solver is installed/);
    expect((await proveOwn(policies, own("limit", `${refund} && context.args.amount > 500`), nowhere)).answer).toBe(
      "proved",
    );
  });
});
