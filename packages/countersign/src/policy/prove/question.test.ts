import type { DecisionInput } from "@countersign/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { acme, asks, deploys, rollout, support } from "../acme.fixture.ts";
import type { CompiledPolicies } from "../policy.ts";
import type { ReadInvariant } from "./invariant.ts";
import { expression } from "./model.fixture.ts";
import { mostTries, Question, type Replayed, replay } from "./question.ts";
import type { Answer, Solver } from "./solver.ts";

let policies: CompiledPolicies;
let observed: CompiledPolicies;
beforeAll(async () => {
  policies = await acme();
  observed = await acme("", { workflows: [support, { ...rollout, mode: "observe" }] });
});

const search = { tool: "helpdesk.search_tickets", verb: "read", types: { query: { kind: "string" } } } as const;
const invariant = (when: string, more: Partial<ReadInvariant> = {}): ReadInvariant =>
  ({ name: "i", never: "allow", observed: false, when, syntax: expression(when), ...more }) as ReadInvariant;

/** In place of a solver: gives its answers one after another, and keeps what it was asked. */
function scripted(answers: readonly Answer[], values: (terms: readonly string[]) => readonly string[] | undefined) {
  const told = { scripts: [] as (readonly string[])[], times: [] as number[], forgotten: 0 };
  const solver = {
    check: async (script: readonly string[], timeMs: number) => {
      told.scripts.push(script);
      told.times.push(timeMs);
      return answers[told.scripts.length - 1] ?? ({ kind: "sat" } as const);
    },
    values: async (terms: readonly string[], timeMs: number) => {
      told.times.push(timeMs);
      return values(terms);
    },
    forget: async () => void told.forgotten++,
  } as unknown as Solver;
  return { solver, told };
}

const blank = (terms: readonly string[]) => terms.map((term) => (term.startsWith('"') ? term : '""'));
const found = (input: DecisionInput): Replayed => ({ input, decision: {} as never });

describe("a question to a solver", () => {
  const ask = async (
    answers: readonly Answer[],
    confirm: (input: DecisionInput) => Replayed | undefined,
    more: {
      readonly values?: typeof blank | (() => undefined);
      readonly now?: () => number;
      readonly when?: string;
    } = {},
  ) => {
    const question = new Question(search, [policies]);
    const statement = question.holds(invariant(more.when ?? "principal.tier == 7"));
    const { solver, told } = scripted(answers, more.values ?? blank);
    const answer = await question.ask(statement, solver, 1_000, more.now ?? (() => 0), confirm);
    return { question, statement, answer, told };
  };
  const never = () => undefined;

  it("says all that is known, then what is asked", async () => {
    const { question, statement, answer, told } = await ask([{ kind: "unsat" }], never);
    expect(answer).toEqual({ kind: "none" });
    const { terms } = question.translation;
    expect(question.facts().length).toBeGreaterThan(0);
    expect(told.scripts).toEqual([
      [
        ...terms.lines,
        ...question.facts().map((fact) => `(assert ${terms.say(fact)})`),
        `(assert ${terms.say(statement)})`,
      ],
    ]);
    expect([told.times, told.forgotten]).toEqual([[1_000], 1]);
  });

  it("is answered by a request that is confirmed, with a name for its target if that changes nothing", async () => {
    const named = await ask([], found);
    expect(named.answer).toMatchObject({ kind: "found", replayed: { input: { resource: { target: "target" } } } });
    const bare = await ask([], (input) => (input.resource.target === "" ? found(input) : undefined));
    expect(bare.answer).toMatchObject({ kind: "found", replayed: { input: { resource: { target: "" } } } });
    expect([named.told.forgotten, bare.told.forgotten]).toEqual([1, 1]);
    const chosen = await ask([], found, { values: (terms) => terms.map(() => '"x"') });
    expect(chosen.answer).toMatchObject({ kind: "found", replayed: { input: { resource: { target: "x" } } } });
    expect(chosen.answer).toMatchObject({ replayed: { input: { action: { tool: search.tool, verb: "read" } } } });
  });

  it("is asked again for another request, a few times, and then is open", async () => {
    const { answer, told } = await ask([], never);
    expect(answer).toEqual({
      kind: "undecided",
      why: "no request that a solver found is decided so by the evaluator",
    });
    expect([told.scripts.length, told.forgotten]).toEqual([mostTries, mostTries]);
    for (const script of told.scripts.slice(1))
      expect(script).toEqual([expect.stringMatching(/^\(assert \(not \(and true \(= v\d+ ""\)/)]);
    let tries = 0;
    const late = await ask([], (input) => (++tries < 4 ? undefined : found(input)));
    expect(late.answer.kind).toBe("found");
    expect([late.told.scripts.length, late.told.forgotten]).toEqual([2, 2]);
  });

  it("leaves to the set that comes after what the solver was not asked", async () => {
    const [workflow] = Object.values(policies.workflows);
    const after = { ...policies, workflows: { other: workflow! } };
    for (const [of, name] of [
      [[policies, after], "other"],
      [[after], "other"],
      [[after, policies], Object.keys(policies.workflows)[0]],
    ] as const) {
      const question = new Question(search, of as never);
      const statement = question.holds(invariant("principal.tier == 7"));
      const answer = await question.ask(statement, scripted([], blank).solver, 1_000, () => 0, found);
      expect(answer).toMatchObject({ replayed: { input: { principal: { workflow: name } } } });
    }
  });

  it("proves nothing once a request was ruled out by hand", async () => {
    const { answer, told } = await ask([{ kind: "sat" }, { kind: "unsat" }], never);
    expect(answer.kind).toBe("undecided");
    expect(told.forgotten).toBe(2);
    const unmodelled = await ask([], never, { when: "context.facts.counts has x" });
    expect(unmodelled.answer).toEqual({
      kind: "undecided",
      why: "`context.facts.counts`, whose members are not known is not modelled",
    });
  });

  it("is open where there is no answer, or none that can be read", async () => {
    const { answer, told } = await ask([{ kind: "failed", why: "it ran out of time" }], never);
    expect([answer, told.forgotten]).toEqual([{ kind: "undecided", why: "it ran out of time" }, 1]);
    const unread = await ask([], never, { values: () => undefined });
    expect(unread.answer).toEqual({ kind: "undecided", why: "the solver's answer cannot be read" });
    expect(unread.told.forgotten).toBe(1);
  });

  it("has the time that is left, and a moment at least", async () => {
    let clock = 0;
    const { told } = await ask([], never, { now: () => (clock += 300) });
    expect(told.times).toEqual([700, 400, 100, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });
});

describe("one environment", () => {
  it("is refuted where the structure of the policies alone shows it", () => {
    const question = new Question(search, [policies]);
    const { terms } = question.translation;
    expect(question.isRefuted(terms.no)).toBe(true);
    const stopped = question.holds(invariant("context.facts.stopped"));
    const { allow, require } = question.gate(0, search.tool, "read");
    expect(question.isRefuted(terms.and(stopped, allow))).toBe(true);
    expect(question.isRefuted(allow)).toBe(false);
    expect(question.isRefuted(terms.and(stopped, terms.or(allow, require)))).toBe(true);
    expect(question.isRefuted(question.holds(invariant('context.stage == "none"')))).toBe(false);
    expect(() => question.gate(1, search.tool, "read")).toThrow("there is no such side");
  });

  it("knows of a condition that it holds, not that it errs", () => {
    const question = new Question(search, [policies]);
    const { terms } = question.translation;
    expect(question.holds(invariant("true"))).toBe(terms.yes);
    expect(question.holds(invariant('context.tool.verb == "execute"'))).toBe(terms.no);
    expect(question.holds(invariant("context.gone"))).toBe(terms.no);
    expect(question.holds(invariant("context.gone || true"))).toBe(terms.no);
    expect(question.holds(invariant("true || context.gone"))).toBe(terms.yes);
  });

  it("looks at each of two sets as it is, and at the first for a condition", () => {
    const apply = { tool: "deploy.apply", verb: "execute", types: {} } as const;
    const question = new Question(apply, [policies, observed]);
    const { terms } = question.translation;
    expect(question.gate(0, apply.tool, "execute").observed).toBe(terms.no);
    expect(question.gate(1, apply.tool, "execute").observed.op).not.toBe("false");
    const cures = (id: string) => invariant(`context.facts.cured.contains("${id}")`);
    expect(question.holds(cures("rollout/check/plan")).op).toBe("atom");
    expect(question.holds(cures("rollout/check/other"))).toBe(terms.no);
    const any = new Question({ tool: undefined, verb: "execute", types: {} }, [policies]);
    expect(any.holds(cures("rollout/check/other")).op).toBe("atom");
  });
});

describe("a request that is replayed", () => {
  const isReplayed = (one: ReadInvariant, input: DecisionInput, of = policies) => replay(one, of, input) !== undefined;

  it("is what must never be where it is decided so and the condition holds of it", () => {
    const input = asks();
    expect(replay(invariant("principal.tier == 1"), policies, input)).toMatchObject({
      input,
      decision: { effect: "allow" },
    });
    expect(isReplayed(invariant("principal.tier == 2"), input)).toBe(false);
    expect(isReplayed(invariant("context.gone"), input)).toBe(false);
    expect(isReplayed(invariant("principal.tier"), input)).toBe(false);
    expect(isReplayed(invariant("true", { never: "require" }), input)).toBe(false);
    expect(isReplayed(invariant("true"), asks({ facts: { stopped: true } }))).toBe(false);
    const refund = asks({ tool: "helpdesk.draft_refund", verb: "propose", args: { amount: 7 } });
    expect(isReplayed(invariant("context.args.amount == 7", { never: "require" }), refund)).toBe(true);
    expect(isReplayed(invariant("context.args.amount == 8", { never: "require" }), refund)).toBe(false);
    expect(isReplayed(invariant("true"), refund)).toBe(false);
    expect(isReplayed(invariant("true"), asks({ tool: "none.such" }))).toBe(false);
  });

  it("of a workflow that is only observed counts where the invariant says so", () => {
    const input = deploys();
    expect(isReplayed(invariant("true"), input, observed)).toBe(false);
    expect(isReplayed(invariant("true", { observed: true }), input, observed)).toBe(true);
  });

  it("knows what is cured", () => {
    const uncured = asks({ tool: "helpdesk.draft_refund", verb: "propose" });
    const cured = 'context.facts.cured.contains("support-replies/approval/helpdesk.draft_refund")';
    expect(isReplayed(invariant(cured, { never: "require" }), uncured)).toBe(false);
    expect(isReplayed(invariant(`!${cured}`, { never: "require" }), uncured)).toBe(true);
  });
});
