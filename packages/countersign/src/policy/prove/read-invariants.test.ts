import { describe, expect, it } from "vitest";
import type { CompiledPolicies } from "../policy.ts";
import { permit, smallSet } from "../small-set.fixture.ts";
import type { Invariant } from "./invariant.ts";
import { readOwn, readShipped } from "./read-invariants.ts";

const check =
  '@id("check") @cure("check") @check("plan") @age("1h") forbid (principal, action, resource) unless { context.facts.cured.contains("check") };';
const policies = smallSet(
  permit("may"),
  `${check}\n@id("plain") forbid (principal, action == Action::"s.u", resource);`,
);
const own = (name: string, when: string): Invariant => ({
  name,
  title: name,
  source: "own",
  never: "allow",
  when,
  observed: false,
  file: "policies/invariants.yaml",
  line: 5,
  column: 7,
});
const at = { file: "policies/invariants.yaml", line: 5, column: 7 };
const faultsOf = async (when: string) => (await readOwn([own("i", when)], policies)).faults;

describe("invariants that are read", () => {
  it("are expressions, each with its syntax; without any there is nothing to read", async () => {
    expect(await readOwn([], policies)).toEqual({ invariants: [], faults: [] });
    const { invariants, faults } = await readOwn(
      [own("a", "principal.tier == 1"), own("b", "context.facts.stopped\n")],
      policies,
    );
    expect(faults).toEqual([]);
    expect(invariants.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(invariants[1]?.syntax).toMatchObject({ ".": { attr: "stopped" } });
    expect((await readShipped()).map(({ syntax }) => Object.keys(syntax).length)).toEqual([1, 1, 1, 1]);
    expect(await readShipped()).toBe(await readShipped());
  });

  it("are none of them read where one is wrong, and each fault is told once, at its place", async () => {
    const { invariants, faults } = await readOwn(
      [
        own("fine", "true"),
        own("broken", "principal.tier <="),
        own("odd", "principal.tier == 1\n  && context.facts.stoped"),
      ],
      policies,
    );
    expect(invariants).toEqual([]);
    // Beside a text that cannot be parsed nothing is said of names.
    expect(faults).toEqual([{ ...at, column: 24, policy: "broken", detail: expect.stringMatching(/^unexpected/) }]);
    const [named] = await faultsOf("principal.tier == 1\n  && context.facts.stoped");
    expect(named).toMatchObject({ line: 6, column: 12, policy: "i", help: "did you mean `stopped`?" });
    // No tool can have the name of a verb: of such a schema nothing can be read.
    const unread = await readOwn([own("i", "true")], { ...policies, tools: { read: {} } });
    expect(unread.invariants).toEqual([]);
    expect(unread.faults).toEqual([{ file: at.file, detail: expect.any(String) }]);
    expect(await faultsOf(`${"(".repeat(4_000)}true${")".repeat(4_000)}`)).toEqual([
      { ...at, policy: "i", detail: "the policies cannot be parsed within bounds; look for very deep nesting" },
    ]);
  });

  it("are one expression each, and no policy", async () => {
    const refused = [
      { ...at, policy: "i", detail: "`when` is not one expression", help: "write a condition, not a policy" },
    ];
    for (const when of [
      "true } ; permit (principal, action, resource) when { true",
      "true } ; forbid (principal, action, resource) when { true",
      "true } unless { false",
      "true } when { principal.tier == 1",
    ])
      expect(await faultsOf(when), when).toEqual(refused);
  });

  it("name cures that there are", async () => {
    expect(await faultsOf('!context.facts.cured.contains("check")')).toEqual([]);
    expect(await faultsOf('context.facts.signals.contains("gone") && resource.labels.contains(principal.dri)')).toEqual(
      [],
    );
    expect(await faultsOf('!(principal.tier == 1 && context.facts.cured.contains("chek"))')).toEqual([
      { ...at, policy: "i", detail: "no policy `chek` has a cure", help: "did you mean `check`?" },
    ]);
    expect(await faultsOf('context.facts.cured.contains("plain")')).toEqual([
      { ...at, policy: "i", detail: "no policy `plain` has a cure" },
    ]);
    expect((await faultsOf(`context.facts.cured.contains("${"x".repeat(101)}")`))[0]?.detail).toBe(
      `no policy \`${"x".repeat(100)}\` has a cure`,
    );
    expect(
      await faultsOf('[context.facts.cured.contains("one"), context.facts.cured.contains("two")].contains(true)'),
    ).toHaveLength(2);
    const { invariants } = await readOwn([own("i", 'context.facts.cured.contains("gone")')], policies, {
      absent: "expect",
    });
    expect(invariants).toHaveLength(1);
  });

  it("can hold somewhere, where there is a tool at all", async () => {
    const never = 'action == Action::"s.t" && action == Action::"s.u"';
    expect(await faultsOf(never)).toEqual([
      { ...at, policy: "i", detail: "`when` can never hold, so the invariant says nothing", help: "look for a slip" },
    ]);
    expect((await readOwn([own("i", "principal.tier == 1")], { ...policies, tools: {} })).faults).toEqual([]);
    expect((await readOwn([own("i", never)], policies, { absent: "expect" })).faults).toEqual([]);
    const away = own("i", 'action == Action::"s.gone" && context.facts.stopped');
    expect((await readOwn([away], policies)).faults[0]?.detail).toContain("s.gone");
    expect((await readOwn([away], policies, { absent: "expect" })).faults).toEqual([]);
  });

  it("of what a guardrail will count is read with the names that are to come, and a slip is one all the same", async () => {
    const counted = own("i", 'action == Action::"flags.set" && context.facts.steps["w/guardrail/steps"] > 10');
    const zoned = own("j", 'action == Action::"flags.set" && context.local["Europe/Berlin"].hour > 10');
    const names = { windows: [], steps: ["w/guardrail/steps"], zones: ["UTC"] };
    const read = (names?: CompiledPolicies["names"]) =>
      readOwn([counted], policies, { absent: "expect", ...(names === undefined ? {} : { names }) });
    expect((await read()).faults.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('attribute `facts.steps["w/guardrail/steps"]`'),
    ]);
    expect(await read(names)).toMatchObject({ invariants: [{ name: "i" }], faults: [] });
    const other = await readOwn([zoned], policies, { absent: "expect", names });
    expect(other.faults.map(({ detail }) => detail)).toEqual([expect.stringContaining('local["Europe/Berlin"]')]);
  });
});
