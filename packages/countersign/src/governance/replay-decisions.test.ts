import type { DecisionInput, Json } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { leanDecision } from "../action/record.ts";
import type { Opened } from "../ledger/read-page.ts";
import { asks } from "../policy/acme.fixture.ts";
import { decide } from "../policy/decide.ts";
import type { CompiledPolicies } from "../policy/index.ts";
import { permit, smallSet } from "../policy/small-set.fixture.ts";
import type { ToldFacts } from "../policy/trial/windows-of.ts";
import { replaying } from "./replay-decisions.ts";

const names = { windows: ["w/limit"], steps: ["w/step"], zones: ["UTC"] };
const set = (more: string, is: Partial<CompiledPolicies> = {}) =>
  smallSet([permit("may"), more].join("\n"), "", { names, ...is });
const rule = (annotation: string, when: string) =>
  `${annotation} forbid (principal in Workflow::"w", action == Action::"s.t", resource) when { ${when} };`;
const limit = (within: string, most: number) =>
  rule(
    `@id("w/limit") @window("count of s.t per workflow within ${within}")`,
    `context.facts.counts["w/limit"] > ${most}`,
  );
const step = rule(`@id("w/step") @step("amount from /now")`, `context.facts.steps["w/step"] > 10`);
const inProduction = step.replace("when {", "when { resource.environment.production && ");
const plain = set("");

/** One call that was decided by a set, with what was gathered for it. */
function opened(by: CompiledPolicies, facts: Partial<DecisionInput["facts"]>, amount: number, before?: Json): Opened {
  const asked = asks({ tool: "s.t", verb: "execute", principal: { agent: "bot", workflow: "w" }, args: { amount } });
  const input = { ...asked, facts: { ...asked.facts, ...facts } };
  const payload = {
    call: { args: { amount } },
    input,
    decision: leanDecision(decide(input, by)),
    ...(before === undefined ? {} : { before }),
  };
  return { subject: "act_1", erased: false, entries: [{ step: 0, payload: payload as unknown as Json }] };
}

const told = (count: number): ToldFacts =>
  new Map([["act_1", new Map([[0, { counts: { "w/limit": count }, sums: {}, formerly: [], previous: [] }]])]]);

function replayed(inForce: CompiledPolicies, draft: CompiledPolicies, action: Opened, facts?: ToldFacts) {
  const bounds = { decisions: 10, changes: 10, differing: 10 };
  const { found, take } = replaying({ inForce, draft }, () => 0)(bounds, facts);
  take(action);
  const { counts, same, untold } = found;
  return { changed: Object.entries(counts).flatMap(([change, count]) => (count > 0 ? [change] : [])), same, untold };
}

const limited = set(limit("1h", 5));
const nothing = { changed: [], same: 1, untold: 0 };

describe("a draft that counts what was not counted", () => {
  it("is asked with what was counted again, and told nothing by what stands under the same name", () => {
    expect(replayed(plain, limited, opened(plain, {}, 1), told(5))).toEqual(nothing);
    expect(replayed(plain, limited, opened(plain, {}, 1), told(6))).toEqual({ ...nothing, changed: ["denied"] });
    const longer = set(limit("30d", 5));
    const few = opened(limited, { counts: { "w/limit": 1 } }, 1);
    expect(replayed(limited, longer, few, told(6))).toEqual({ ...nothing, changed: ["denied"] });
    // The window is the same: what was gathered for it is what counts.
    expect(replayed(limited, set(limit("1h", 0)), few, told(0))).toEqual({ ...nothing, changed: ["denied"] });
  });

  it("says of what it cannot know that it is untold, and not that it is denied", () => {
    expect(replayed(plain, limited, opened(plain, {}, 1))).toEqual({ ...nothing, untold: 1 });
    expect(replayed(limited, set(limit("30d", 5)), opened(limited, { counts: { "w/limit": 1 } }, 1))).toEqual({
      ...nothing,
      untold: 1,
    });
  });
});

describe("a draft that limits steps which nobody looked at", () => {
  it("is told the step from the state that was captured for another reason", () => {
    const draft = set(step);
    expect(replayed(plain, draft, opened(plain, {}, 15, { now: 10 }))).toEqual(nothing);
    expect(replayed(plain, draft, opened(plain, {}, 35, { now: 10 }))).toEqual({ ...nothing, changed: ["denied"] });
    // Such a state would have told the gate no more.
    expect(replayed(plain, draft, opened(plain, {}, 35, { later: 10 }))).toEqual({ ...nothing, changed: ["denied"] });
  });

  it("leaves untold what rests on it where nothing was captured, and only that", () => {
    expect(replayed(plain, set(step), opened(plain, {}, 15))).toEqual({ ...nothing, untold: 1 });
    expect(replayed(plain, set(inProduction), opened(plain, {}, 15))).toEqual(nothing);
    const known = set(step);
    expect(
      replayed(known, set(`${step}\n${limit("1h", 5)}`), opened(known, { steps: { "w/step": 3 } }, 15), told(1)),
    ).toEqual(nothing);
  });
});

it("a decision of an earlier set is untold where the set in force counts what that one did not", () => {
  const earlier = set("", { digest: `sha256:${"6".repeat(64)}` });
  const draft = set(`${limit("1h", 5)}\n${rule('@id("w/no")', "context.args.amount > 10")}`);
  expect(replayed(limited, draft, opened(earlier, {}, 15))).toEqual({ changed: [], same: 0, untold: 1 });
  const counted = opened(earlier, { counts: { "w/limit": 1 } }, 15);
  expect(replayed(limited, draft, counted)).toEqual({ changed: ["denied"], same: 0, untold: 0 });
});
