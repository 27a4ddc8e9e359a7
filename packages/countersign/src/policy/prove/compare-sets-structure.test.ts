import { describe, expect, it } from "vitest";
import type { CompiledPolicies } from "../policy.ts";
import { asking, forbid, permit, smallSet } from "../small-set.fixture.ts";
import { type Comparison, compareSets } from "./compare-sets.ts";
import type { Solver } from "./solver.ts";

/** In place of a solver: has no answer, so that what is left open is what the structure of the policies does not show. */
function silent() {
  const times: number[] = [];
  const solver = {
    name: "silent",
    check: async (_: readonly string[], timeMs: number) => {
      times.push(timeMs);
      return { kind: "failed", why: "it is silent" } as const;
    },
    values: async () => undefined,
    forget: async () => undefined,
  } as unknown as Solver;
  return { solver, times };
}

function compared(before: CompiledPolicies, after: CompiledPolicies, now = () => 0): Promise<Comparison> {
  return compareSets(before, after, silent().solver, { questionMs: 500, invariantMs: 1, allMs: 1_000, now });
}

const may = permit("may");
const [verbs, open] = [
  ["read", "propose", "execute"] as const,
  ({ findings }: Comparison) => findings.map(({ tool, verb, newly }) => `${newly} ${tool} ${verb}`),
];
const each = (...newly: readonly string[]) => verbs.flatMap((verb) => newly.map((one) => `${one} ${verb}`));

describe("what a change of policies can do, as far as their structure shows", () => {
  it("is nothing where nothing has changed, for each tool and verb", async () => {
    const told = await compared(smallSet(may), smallSet(may));
    expect(told).toEqual({
      same: 6,
      compared: 0,
      proven: { allowed: 0, denied: 0, "asks a person": 0, "asked otherwise": 0 },
      findings: [],
      milliseconds: 0,
    });
  });

  it("is to deny, where a forbid comes, and to allow, where it goes", async () => {
    const [without, guarded] = [smallSet(may), smallSet(may, forbid("big", "when { context.args.amount > 500 }"))];
    const denied = await compared(without, guarded);
    expect(open(denied)).toEqual(each("denied s.t"));
    expect(denied).toMatchObject({
      same: 3,
      compared: 3,
      proven: { allowed: 3, denied: 0, "asks a person": 3, "asked otherwise": 3 },
    });
    expect(denied.findings[0]).toEqual({
      tool: "s.t",
      verb: "read",
      newly: "denied",
      answer: "not decided",
      why: "it is silent",
    });
    expect(denied.solver).toBe("silent");
    expect(open(await compared(guarded, without))).toEqual(each("allowed s.t"));
  });

  it("is to ask a person, where an approval is asked for, and no one else's", async () => {
    const [plain, asks] = [smallSet(may), smallSet(may, asking("ask"))];
    expect(open(await compared(plain, asks))).toEqual(each("asks a person s.t"));
    expect(open(await compared(asks, plain))).toEqual(each("allowed s.t"));
    const checked = smallSet(
      may,
      '@id("check") @cure("check") @check("plan") @age("1h") forbid (principal, action == Action::"s.t", resource) unless { context.facts.cured.contains("check") };',
    );
    // Nobody is asked, and what waits for a check is neither allowed nor denied anew.
    expect(open(await compared(plain, checked))).toEqual([]);
    expect(open(await compared(checked, plain))).toEqual(each("allowed s.t"));
  });

  it("is to ask otherwise where a passkey is asked for in one alone, and not where it is asked for anyway or never", async () => {
    const keyed = (passkey: string | undefined, when = "") =>
      smallSet(
        may,
        asking("ask", when).replace("@exclude", `${passkey === undefined ? "" : `@passkey("${passkey}") `}@exclude`),
      );
    const otherwise = async (...[one, other, when]: readonly [string | undefined, string | undefined, string?]) => {
      const [there, back] = [
        await compared(keyed(one, when), keyed(other, when)),
        await compared(keyed(other, when), keyed(one, when)),
      ];
      expect(open(back)).toEqual(open(there));
      expect(there.compared).toBe(3);
      return open(there);
    };
    expect(await otherwise("always", "never")).toEqual(each("asked otherwise s.t"));
    expect(await otherwise(undefined, "always")).toEqual(each("asked otherwise s.t"));
    // Where nothing is said, what nothing undoes in production takes one: a read never does.
    expect(await otherwise(undefined, "never")).toEqual(["asked otherwise s.t execute"]);
    expect(await otherwise(undefined, "never", "when { !resource.environment.production }")).toEqual([]);
    expect(await otherwise(undefined, "never", 'when { context.facts.reversal == "plan" }')).toEqual([]);
    const final = 'when { resource.environment.production && context.facts.reversal != "plan" }';
    expect(await otherwise(undefined, "always", final)).toEqual(
      ["read", "propose"].map((verb) => `asked otherwise s.t ${verb}`),
    );
  });

  it("is known where a permit comes or goes", async () => {
    const nothing = smallSet(permit("other", "", "s.u"));
    const something = smallSet([permit("other", "", "s.u"), may].join("\n"));
    const told = await compared(nothing, something);
    expect(open(told)).toEqual(each("allowed s.t"));
    expect(open(await compared(something, nothing))).toEqual(each("denied s.t"));
  });

  it("is to deny a tool that is gone, and to allow one that has come", async () => {
    const set = smallSet(may);
    const { "s.t": _, ...tools } = set.tools;
    const gone = { ...set, tools };
    expect(open(await compared(set, gone))).toEqual(each("denied s.t"));
    expect(open(await compared(gone, set))).toEqual(each("allowed s.t"));
    expect(await compared(set, gone)).toMatchObject({ same: 3, compared: 3 });
  });

  it("is to let pass what a workflow only observes, and whoever was asked is asked no more", async () => {
    const observe = { workflows: { w: { agents: ["bot"], mode: "observe", irreversible: [] } } } as const;
    const own = asking("ask");
    const told = await compared(smallSet(may, own), smallSet(may, own, observe));
    expect(told.compared).toBe(6);
    expect(open(told)).toEqual(["allowed s.t", "allowed s.u"].flatMap((one) => each(one)));
    const back = await compared(smallSet(may, own, observe), smallSet(may, own));
    expect(open(back)).toEqual([...each("asks a person s.t"), ...each("denied s.u")]);
  });

  it("is looked at where arguments have another type, of which then nothing is known", async () => {
    const own = forbid("some", "when { context.args has amount && context.args.amount > 5 }");
    const set = smallSet(may, own);
    const other = { ...set, tools: { ...set.tools, "s.t": { ...set.tools["s.t"], note: { kind: "long" } as const } } };
    expect(await compared(set, other)).toMatchObject({ same: 3, compared: 3, findings: [] });
    const retyped = { ...set, tools: { ...set.tools, "s.t": { amount: { kind: "decimal" } as const } } };
    expect(open(await compared(set, retyped))).toEqual(each("allowed s.t", "denied s.t"));
  });
});

describe("the time for a comparison", () => {
  it("is shared by all tools; what is left open is told, and what needs no solver is proven all the same", async () => {
    let clock = 0;
    const { solver, times } = silent();
    const [before, after] = [smallSet(may), smallSet(may, forbid("big", "when { context.args.amount > 500 }"))];
    const limits = { questionMs: 500, invariantMs: 1, allMs: 1_000, now: () => (clock += 100) };
    const told = await compareSets(before, after, solver, limits);
    expect(times.length).toBeGreaterThan(0);
    expect(times.length).toBeLessThan(3);
    expect(Math.max(...times)).toBeLessThanOrEqual(500);
    expect(told.findings.at(-1)).toMatchObject({ answer: "not decided", why: "there was no time left for all tools" });
    expect(told.proven).toEqual({ allowed: 3, denied: 0, "asks a person": 3, "asked otherwise": 3 });
    expect(told.milliseconds).toBe(clock - 100);
    const late = await compareSets(before, after, silent().solver, { ...limits, allMs: 0 });
    expect(late.findings.every((one) => one.answer === "not decided" && one.why.startsWith("there was no time"))).toBe(
      true,
    );
    expect(late).not.toHaveProperty("solver");
  });
});
