import { describe, expect, it } from "vitest";
import { needsOf, readsFlow } from "./needs.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";

const policy = (id: string, more: Partial<CompiledPolicy>): CompiledPolicy =>
  ({
    id,
    source: "workflow",
    principal: { type: "Workflow", id: "w" },
    action: ["s.t"],
    annotations: {},
    text: "",
    ...more,
  }) as CompiledPolicy;
const setOf = (...policies: readonly CompiledPolicy[]) => ({ policies }) as unknown as CompiledPolicies;

describe("what has to be gathered for a call", () => {
  const window = policy("rate", {
    action: ["s.t", "s.u"],
    annotations: { window: "count of s.t,s.v per run within 2h" },
  });
  const endless = policy("sum", { annotations: { window: "sum amount in cents of s.t per workflow" } });
  const step = policy("steps", { action: ["s.u"], annotations: { step: "share from /flag" } });

  it("is each window that a policy reads for the tool, or that its calls are counted in", () => {
    const set = setOf(window, endless);
    const rate = { name: "rate", kind: "count", tools: ["s.t", "s.v"], per: "run", within: "2h", withinMs: 7_200_000 };
    const sum = { name: "sum", kind: "sum", argument: "amount", in: "cents", tools: ["s.t"], per: "workflow" };
    const { asked, counted, steps } = needsOf(set, "w", "s.t");
    expect(asked).toMatchObject([rate, sum]);
    expect(counted).toMatchObject([rate, sum]);
    expect(asked[1]).not.toHaveProperty("withinMs");
    expect(steps).toEqual([]);
    expect(needsOf(set, "w", "s.u")).toMatchObject({ asked: [rate], counted: [], steps: [] });
    expect(needsOf(set, "w", "s.v")).toMatchObject({ asked: [], counted: [rate], steps: [] });
    expect(needsOf(set, "w", "s.t")).toBe(needsOf(set, "w", "s.t"));
  });

  it("is each window that begins anew with a call of the tool", () => {
    const checked = policy("checked", { annotations: { window: "formerly of s.v per target within 1h since s.u" } });
    const window = { name: "checked", since: "s.u", withinMs: 3_600_000 };
    expect(needsOf(setOf(checked), "w", "s.t")).toMatchObject({ asked: [window], counted: [], ends: [] });
    expect(needsOf(setOf(checked), "w", "s.u")).toMatchObject({ asked: [], counted: [], ends: [window] });
    expect(needsOf(setOf(checked), "w", "s.v")).toMatchObject({ asked: [], counted: [window], ends: [] });
    expect(needsOf(setOf(checked), "v", "s.u").ends).toEqual([]);
  });

  it("is a window that counts over all workflows for its tools in every workflow, and is read in its own alone", () => {
    const shared = policy("shared", {
      annotations: { window: "count of s.t per args.customer across workspace within 1h" },
    });
    const all = policy("all", { annotations: { window: "count of s.t per workspace within 1h" } });
    const other = policy("other", {
      principal: { type: "Workflow", id: "v" } as never,
      annotations: { window: "count of s.t per run within 1h" },
    });
    const set = setOf(shared, other, all, window);
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
    expect(names(needsOf(set, "w", "s.t").counted)).toEqual(["shared", "all", "rate"]);
    expect(names(needsOf(set, "v", "s.t").counted)).toEqual(["other", "shared", "all"]);
    expect(names(needsOf(set, "u", "s.t").counted)).toEqual(["shared", "all"]);
    expect(names(needsOf(set, "v", "s.t").asked)).toEqual(["other"]);
    expect(needsOf(set, "u", "s.t").asked).toEqual([]);
    expect(needsOf(set, "u", "s.v")).toEqual({ asked: [], counted: [], ends: [], steps: [] });
  });

  it("is each window of the call just before, which every call of its workflow is in or ends", () => {
    const last = (id: string, text: string) => policy(id, { annotations: { window: `previous of ${text}` } });
    const never = last("never", "s.v,s.w per run within 1h");
    const only = last("only", "s.v per run within 1h once done");
    const [one, two] = [{ name: "never" }, { name: "only", done: true, withinMs: 3_600_000 }];
    const set = setOf(never, window, only);
    expect(needsOf(set, "w", "s.t")).toMatchObject({ asked: [one, {}, two], ends: [one, two] });
    expect(needsOf(set, "w", "s.t").counted).toMatchObject([{ name: "rate" }]);
    // A check that failed stands between one that did not and what comes after it.
    expect(needsOf(set, "w", "s.v")).toMatchObject({ asked: [], counted: [one, { name: "rate" }, two], ends: [two] });
    expect(needsOf(set, "w", "s.w")).toMatchObject({ asked: [], counted: [one], ends: [two] });
    expect(needsOf(set, "w", "s.u")).toMatchObject({ asked: [{ name: "rate" }], counted: [], ends: [one, two] });
    for (const tool of ["s.x", "other.tool"])
      expect(needsOf(set, "w", tool)).toMatchObject({ asked: [], counted: [], ends: [one, two], steps: [] });
    expect(needsOf(set, "w", "s.x")).toBe(needsOf(set, "w", "s.y"));
    expect(needsOf(set, "ww", "s.v")).toEqual({ asked: [], counted: [], ends: [], steps: [] });
  });

  it("is nothing for another workflow or tool, and by no policy but a workflow's", () => {
    const nothing = { asked: [], counted: [], ends: [], steps: [] };
    expect(needsOf(setOf(window), "v", "s.t")).toEqual(nothing);
    expect(needsOf(setOf(window), "w", "s.x")).toEqual(nothing);
    expect(needsOf(setOf({ ...window, source: "own" }), "w", "s.t")).toEqual(nothing);
    expect(needsOf(setOf({ ...window, principal: null }), "w", "s.t")).toEqual(nothing);
    expect(needsOf(setOf(policy("plain", {})), "w", "s.t")).toEqual(nothing);
    expect(needsOf(setOf({ ...window, action: null }), "w", "s.t")).toMatchObject({ asked: [], counted: [{}] });
  });

  it("is each limit of steps", () => {
    const { steps, asked } = needsOf(setOf(step), "w", "s.u");
    expect(asked).toEqual([]);
    expect(steps).toEqual([{ name: "steps", argument: "share", current: "/flag" }]);
    expect(needsOf(setOf({ ...step, action: null }), "w", "s.u").steps).toEqual([]);
  });
});

it("what a run has read is gathered where a policy that does not ship reads it", () => {
  const reading = (source: CompiledPolicy["source"], text: string) => readsFlow(setOf(policy("p", { source, text })));
  expect(reading("own", "context.facts.flow.tainted")).toBe(true);
  expect(reading("workflow", "context.facts.flow.tainted")).toBe(true);
  expect(reading("shipped", "context.facts.flow.tainted")).toBe(false);
  expect(reading("own", "context.facts.flown || context.overflow")).toBe(false);
  expect(readsFlow(setOf())).toBe(false);
  const set = setOf(policy("a", {}), policy("b", { text: "flow" }));
  expect([readsFlow(set), readsFlow(set)]).toEqual([true, true]);
});
