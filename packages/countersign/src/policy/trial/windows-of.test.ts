import { describe, expect, it } from "vitest";
import type { NeededWindow, Needs } from "../needs.ts";
import { type CountedCall, windowsOf } from "./windows-of.ts";

const window = (more: Partial<NeededWindow> = {}): NeededWindow => ({
  name: "w/limit",
  kind: "count",
  tools: ["s.t"],
  per: "workflow",
  withinMs: 100,
  ...more,
});

/** Calls of `s.t` are counted and asked about, those of `s.end` begin the window anew, and `s.ask` only asks. */
function needs(one: NeededWindow): (workflow: string, tool: string) => Needs | undefined {
  const none: Needs = { asked: [], counted: [], ends: [], steps: [] };
  return (workflow, tool) => {
    if (workflow !== "w") return undefined;
    if (tool === "s.t") return { ...none, asked: [one], counted: [one] };
    if (tool === "s.ask") return { ...none, asked: [one] };
    return tool === "s.end" ? { ...none, ends: [one] } : undefined;
  };
}

let number = 0;
/** A call that took at a moment, and was done at once. */
function ran(atMs: number, more: Partial<CountedCall> = {}): CountedCall {
  const action = `act_${String(number++).padStart(4, "0")}`;
  return {
    action,
    workflow: "w",
    tool: "s.t",
    scopes: { "w/limit": "target" },
    amounts: {},
    decided: [{ step: 0, atMs, isIntent: true }],
    tookMs: atMs,
    doneMs: atMs,
    ...more,
  };
}
/** A call that was asked for and did not run. */
function refused(atMs: number, more: Partial<CountedCall> = {}): CountedCall {
  const { tookMs: _, doneMs: __, ...call } = ran(atMs, { decided: [{ step: 0, atMs, isIntent: false }] });
  return { ...call, ...more };
}

const told = (one: NeededWindow, calls: readonly CountedCall[]) => {
  // Whatever order they come in.
  const found = windowsOf([...calls].reverse(), needs(one));
  return calls.flatMap(({ action }) => [...(found.get(action)?.values() ?? [])]);
};
const counts = (one: NeededWindow, calls: readonly CountedCall[]) =>
  told(one, calls).map((facts) => facts.counts[one.name]);

describe("a window as it was at each call", () => {
  it("holds this call and those that took before it, no longer than it looks back", () => {
    expect(counts(window(), [ran(0), ran(10), refused(20), ran(30), ran(99), ran(100), ran(300)])).toEqual([
      1, 2, 3, 3, 4, 4, 1,
    ]);
    const { withinMs: _, ...endless } = window();
    expect(counts(endless, [ran(0), ran(1_000_000)])).toEqual([1, 2]);
    expect(counts(window({ withinMs: 1_000 }), [ran(0), ran(100), ran(300)])).toEqual([1, 2, 3]);
  });

  it("has calls of one millisecond in the order of their intents, and each once", () => {
    expect(counts(window(), [ran(5), ran(5), ran(5), refused(5)])).toEqual([1, 2, 3, 4]);
  });

  it("gives back what did not happen from when that was known, and keeps what nobody knows", () => {
    const { doneMs: _, ...lost } = ran(2);
    const failed = { ...lost, failedMs: 20 };
    expect(counts(window(), [failed, ran(10), ran(20), ran(30)])).toEqual([1, 2, 2, 3]);
    expect(counts(window(), [lost, ran(10), ran(90)])).toEqual([1, 2, 3]);
  });

  it("counts what matters by its end from that end on, as old as its intent", () => {
    const done = window({ done: true });
    const { doneMs: _, ...erred } = ran(3);
    const calls = [erred, ran(5, { doneMs: 50 }), ran(10, { tool: "s.ask" }), ran(50, { tool: "s.ask" })];
    expect(counts(done, [...calls, ran(104, { tool: "s.ask" }), ran(105, { tool: "s.ask" })])).toEqual([
      1, 1, 0, 1, 1, 0,
    ]);
  });

  it("is of one agent, run or target where it says so, and of one workflow", () => {
    const scoped = (scope: string) => ({ scopes: { "w/limit": scope } });
    const calls = [ran(0), ran(1, scoped("b")), ran(2), ran(3, scoped("c")), ran(4, scoped("b"))];
    expect(counts(window({ per: "agent" }), calls)).toEqual([1, 1, 2, 1, 2]);
    expect(counts(window({ per: "args.to" }), [ran(0), ran(1, { scopes: {} }), ran(2)])).toEqual([1, undefined, 2]);
  });

  it("sums amounts, this call's own included; without one there is no sum to read", () => {
    const sum = window({ kind: "sum", argument: "amount", in: "cents" });
    const of = (atMs: number, amount: number) => ran(atMs, { amounts: { [sum.name]: amount } });
    const sums = told(sum, [of(0, 5), of(1, 7), ran(2), ran(3, { tool: "s.ask" }), of(100, 1), of(101, 2)]).map(
      (facts) => facts.sums[sum.name],
    );
    expect(sums).toEqual([5, 12, undefined, 12, 8, 3]);
  });

  it("knows whether there was anything before, since it was begun anew", () => {
    const before = window({ kind: "formerly", per: "target", done: true, since: "s.end" });
    const ask = (atMs: number) => refused(atMs, { tool: "s.ask" });
    const end = (atMs: number, more: Partial<CountedCall> = {}) => ran(atMs, { tool: "s.end", ...more });
    const formerly = (calls: readonly CountedCall[]) => told(before, calls).map((facts) => facts.formerly.length);
    expect(formerly([ask(0), refused(1), ran(10), ask(20), ask(109), ask(110)])).toEqual([0, 0, 0, 1, 1, 0]);
    expect(formerly([ran(10), end(20), ask(21), ran(30), ask(31), end(40), ask(41)])).toEqual([0, 0, 0, 1, 0]);
    // What certainly did not happen begins nothing anew, once that is known.
    const { doneMs: _, ...failed } = end(20, { failedMs: 30 });
    expect(formerly([ran(10), failed, ask(25), ask(30), end(40), ask(41)])).toEqual([0, 0, 1, 0]);
    // It was known to be done only after it had been begun anew.
    expect(formerly([ran(10, { doneMs: 50 }), end(20), ask(60)])).toEqual([0, 0]);
    expect(formerly([ran(10), end(20, { scopes: { "w/limit": "another" } }), ask(21)])).toEqual([0, 1]);
  });

  it("is told for each decision of a call, at its own moment", () => {
    const held = ran(0, {
      decided: [
        { step: 0, atMs: 5, isIntent: false },
        { step: 2, atMs: 20, isIntent: true },
      ],
      tookMs: 20,
    });
    const found = windowsOf([held, ran(10)], needs(window())).get(held.action);
    expect([...(found ?? [])].map(([step, facts]) => [step, facts.counts["w/limit"]])).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });
});
