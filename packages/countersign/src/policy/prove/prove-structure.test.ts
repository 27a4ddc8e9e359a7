import { describe, expect, it, vi } from "vitest";
import type { CompiledPolicies } from "../policy.ts";
import { asking, forbid, permit, smallSet } from "../small-set.fixture.ts";
import type { ReadInvariant } from "./invariant.ts";
import { expression } from "./model.fixture.ts";
import { type Proof, prove } from "./prove.ts";
import type { Answer, Solver } from "./solver.ts";

function scripted(answer: Answer, name: string | undefined = "scripted") {
  const times: number[] = [];
  const solver = {
    name,
    check: async (_: readonly string[], timeMs: number) => {
      times.push(timeMs);
      return answer;
    },
    values: async () => undefined,
    forget: async () => undefined,
  } as unknown as Solver;
  return { solver, times };
}

const failed = { kind: "failed", why: "it is silent" } as const;
const invariant = (when: string, more: Partial<ReadInvariant> = {}): ReadInvariant =>
  ({ name: "i", never: "allow", observed: false, when, syntax: expression(when), ...more }) as ReadInvariant;
const limits = { questionMs: 500, invariantMs: 1_000, now: () => 0 };

function proof(policies: CompiledPolicies, one: ReadInvariant, answer: Answer = failed): Promise<Proof> {
  return prove(policies, one, scripted(answer).solver, limits);
}
const answered = async (...given: Parameters<typeof proof>) => (await proof(...given)).answer;

const may = permit("may");
const everywhere = (id: string, rest: string) => `@id("${id}") forbid (principal, action, resource) ${rest};`;
const observe = { workflows: { w: { agents: ["bot"], mode: "observe", irreversible: [] } } } as const;

describe("an invariant", () => {
  it("is proved without a solver where the policies' own structure shows it", async () => {
    const stopped = invariant("context.facts.stopped");
    const told = await proof(smallSet(may, everywhere("stop", "when { context.facts.stopped }")), stopped);
    expect(told).toEqual({ invariant: stopped, environments: 6, answer: "proved", milliseconds: 0 });
    const here = smallSet(may, forbid("stop", "when { context.facts.stopped }"));
    expect(await proof(here, stopped)).toEqual({
      invariant: stopped,
      environments: 6,
      answer: "proved",
      milliseconds: 0,
    });
    expect(await answered(smallSet(may), invariant("false"))).toBe("proved");
    expect(await answered(smallSet(""), invariant("true"))).toBe("proved");
    expect(await answered(smallSet(may), invariant('action == Action::"s.u"'))).toBe("proved");
  });

  it("is open where no solver says anything, with the first tool and verb of which nothing is known", async () => {
    const stopped = invariant("context.facts.stopped");
    expect(await proof(smallSet(may), stopped)).toEqual({
      invariant: stopped,
      environments: 6,
      answer: "not decided",
      tool: "s.t",
      verb: "read",
      why: "it is silent",
      solver: "scripted",
      milliseconds: 0,
    });
    const execute = invariant('context.tool.verb == "execute" && context.facts.stopped');
    expect(await proof(smallSet(may), execute)).toMatchObject({ answer: "not decided", verb: "execute" });
    const { solver } = scripted(failed, undefined);
    expect(await prove(smallSet(may), stopped, { ...solver, name: undefined } as never, limits)).not.toHaveProperty(
      "solver",
    );
  });

  it("is proved where a solver says of each tool that there is no such request", async () => {
    const { solver, times } = scripted({ kind: "unsat" });
    const set = smallSet([may, permit("too", "", "s.u")].join("\n"));
    const told = await prove(set, invariant("context.facts.stopped"), solver, limits);
    expect(told).toMatchObject({ answer: "proved", solver: "scripted" });
    expect(times).toEqual(Array(6).fill(500));
  });

  it("is excluded for whatever tool by what forbids all, and by nothing less", async () => {
    const stopped = invariant("context.facts.stopped");
    const barred = (own: string, one = stopped, more: Partial<CompiledPolicies> = {}) => {
      const set = smallSet(may, own, more);
      // No tool is there that could show otherwise.
      const { solver, times } = scripted(failed);
      return prove({ ...set, tools: { "s.t": {} } }, one, solver, limits).then(({ answer }) => [answer, times.length]);
    };
    expect(await barred(everywhere("a", "when { context.facts.stopped }"))).toEqual(["proved", 0]);
    const verb = '@id("v") forbid (principal, action in Action::"execute", resource) when { context.facts.stopped };';
    expect((await barred(verb))[0]).toBe("not decided");
    expect((await barred(verb, invariant('context.facts.stopped && context.tool.verb == "execute"')))[0]).toBe(
      "proved",
    );
    const agent = '@id("g") forbid (principal == Agent::"bot", action, resource) when { context.facts.stopped };';
    expect((await barred(agent))[0]).toBe("not decided");
    const seen = `@mode("observe") ${everywhere("o", "when { context.facts.stopped }")}`;
    expect((await barred(seen))[0]).toBe("not decided");
    const curable = `@id("c") @cure("approval") @from("x") @count("1") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action, resource) when { context.facts.stopped } unless { context.facts.cured.contains("c") };`;
    const uncured = invariant('context.facts.stopped && !context.facts.cured.contains("c")');
    expect((await barred(curable, uncured))[0]).toBe("proved");
    expect((await barred(curable, { ...uncured, never: "require" }))[0]).toBe("not decided");
    expect((await barred(everywhere("a", "when { context.facts.stopped }"), { ...stopped, never: "require" }))[0]).toBe(
      "proved",
    );
  });

  it("is looked at tool by tool only where it is not excluded for whatever tool", async () => {
    const stopped = invariant("context.facts.stopped");
    const executes = invariant('context.facts.stopped && context.tool.verb == "execute"');
    const isLookedAt = async (own: string, one: ReadInvariant, more: Partial<CompiledPolicies> = {}) => {
      let looks = 0;
      const now = () => 0 * ++looks;
      expect((await prove(smallSet(may, own, more), one, scripted(failed).solver, { ...limits, now })).answer).toBe(
        "proved",
      );
      // Once where it begins, once where it ends, and once for each tool.
      return looks > 2;
    };
    const stop = everywhere("stop", "when { context.facts.stopped }");
    const ofVerb = (verb: string) =>
      `@id("v") forbid (principal, action in Action::"${verb}", resource) when { context.facts.stopped };`;
    const curable = `@id("c") @cure("approval") @from("x") @count("1") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action, resource) when { context.facts.stopped } unless { context.facts.cured.contains("c") };`;
    const uncured = invariant('context.facts.stopped && !context.facts.cured.contains("c")');
    for (const [own, one] of [
      [stop, stopped],
      [stop, { ...stopped, observed: true }],
      [stop, { ...stopped, never: "require" }],
      [ofVerb("execute"), executes],
      [curable, uncured],
    ] as const)
      expect(await isLookedAt(own, one), own).toBe(false);
    expect(await isLookedAt(stop, invariant('context.tool.verb == "none"'))).toBe(false);
    const ofTool = '@id("t") forbid (principal, action == Action::"s.t", resource) when { context.facts.stopped };';
    expect(await isLookedAt(ofTool, stopped)).toBe(true);
    expect(await isLookedAt(`${ofVerb("execute")}\n${ofTool}`, stopped)).toBe(true);
    expect(await isLookedAt(stop, stopped, observe)).toBe(false);
  });

  it("holds where a workflow is only observed, if it says so, by what bites there alone", async () => {
    const stopped = invariant("context.facts.stopped");
    const watched = { ...stopped, observed: true };
    const set = (mode: "always" | "enforce", more: Partial<CompiledPolicies> = {}) => {
      const made = smallSet(may, everywhere("stop", "when { context.facts.stopped }"), more);
      return { ...made, policies: made.policies.map((one) => (one.id === "stop" ? { ...one, mode } : one)) };
    };
    expect(await answered(set("enforce"), watched)).toBe("proved");
    expect(await answered(set("enforce", observe), stopped)).toBe("proved");
    expect(await answered(set("enforce", observe), watched)).toBe("not decided");
    expect(await answered(set("always", observe), watched)).toBe("proved");
  });

  it("that nobody is even asked is broken by what is asked, and not by what passes unasked", async () => {
    const asked = invariant("context.facts.stopped", { never: "require" });
    expect(await answered(smallSet(may, asking("ask")), asked)).toBe("not decided");
    expect(await answered(smallSet(may), asked)).toBe("proved");
    const unobserved = { ...observe.workflows.w, agents: [] };
    expect(await answered(smallSet(may, asking("ask"), { workflows: { w: unobserved } }), asked)).toBe("not decided");
  });
});

describe("others meanwhile", () => {
  it("have their turn after twenty milliseconds, once for each such stretch", async () => {
    const turns = vi.spyOn(globalThis, "setImmediate");
    try {
      const set = smallSet([may, permit("too", "", "s.u")].join("\n"));
      const turnsAt = async (...waits: readonly number[]) => {
        let [clock, asked] = [0, 0];
        const { solver } = scripted({ kind: "unsat" });
        const slow = {
          ...solver,
          check: async () => {
            clock += waits[asked++] ?? 0;
            return { kind: "unsat" } as const;
          },
        } as unknown as Solver;
        turns.mockClear();
        const told = await prove(set, invariant("context.facts.stopped"), slow, { ...limits, now: () => clock });
        expect([told.answer, asked]).toEqual(["proved", 6]);
        return turns.mock.calls.length;
      };
      expect(await turnsAt()).toBe(0);
      expect(await turnsAt(20)).toBe(0);
      expect(await turnsAt(21)).toBe(1);
      expect(await turnsAt(15, 15)).toBe(1);
      expect(await turnsAt(21, 21, 21, 21, 21)).toBe(5);
      expect(await turnsAt(0, 0, 0, 0, 0, 21)).toBe(0);
    } finally {
      turns.mockRestore();
    }
  });
});

describe("the time for an invariant", () => {
  it("is shared by all tools, and what is left open is told", async () => {
    const set = smallSet([may, permit("too", "", "s.u")].join("\n"));
    const clocked = async (step: number, answer: Answer) => {
      let clock = 0;
      const { solver, times } = scripted(answer);
      const told = await prove(set, invariant("context.facts.stopped"), solver, {
        ...limits,
        now: () => (clock += step),
      });
      return { told, times, clock };
    };
    const { told, times, clock } = await clocked(60, { kind: "unsat" });
    expect(told).toMatchObject({
      answer: "not decided",
      why: "there was no time left for all tools",
      solver: "scripted",
    });
    expect(times.length).toBeGreaterThan(0);
    expect(times.length).toBeLessThan(6);
    expect(times[0]).toBeLessThanOrEqual(500);
    expect(times.at(-1)).toBeLessThan(500);
    expect(told.milliseconds).toBe(clock - 60);
    const none = await clocked(2_000, { kind: "unsat" });
    expect(none.told).toMatchObject({ answer: "not decided", tool: "s.t", verb: "read" });
    expect(none.told).not.toHaveProperty("solver");
    expect(none.times).toEqual([]);
    const { solver, times: asked } = scripted({ kind: "unsat" });
    const gone = await prove(set, invariant("context.facts.stopped"), solver, { ...limits, invariantMs: 0 });
    expect([gone.answer, asked]).toEqual(["not decided", []]);
    // What was open before stays what is told.
    const first = await clocked(60, failed);
    expect(first.told).toMatchObject({ why: "it is silent", tool: "s.t", verb: "read" });
  });
});
