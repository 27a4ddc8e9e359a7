import { createRequire } from "node:module";
import type { Expr } from "@cedar-policy/cedar-wasm/nodejs";
import { beforeEach, describe, expect, it } from "vitest";
import type { CompiledPolicy } from "./policy.ts";
import { holding } from "./prove/request.fixture.ts";
import { type Slice, sliceOf } from "./slice.ts";
import { EngineRefused, evaluateInWasm } from "./wasm-engine.ts";

type Engine = typeof import("@cedar-policy/cedar-wasm/nodejs");

const require = createRequire(import.meta.url);
/** The instance that is asked now. */
const engine = (): Engine => require("@cedar-policy/cedar-wasm/nodejs") as Engine;

const all = { op: "All" } as const;
function policy(id: string, effect: "permit" | "forbid", when?: Expr): CompiledPolicy {
  const conditions = when === undefined ? [] : [{ kind: "when" as const, body: when }];
  const syntax = { effect, principal: all, action: all, resource: all, conditions };
  return { id, digest: `sha256:${id}`, effect, reads: [], syntax } as unknown as CompiledPolicy;
}
const reads = (attr: string): Expr => ({ ".": { left: { Var: "context" }, attr } });
const only = (id: string): Slice => sliceOf([policy(id, "permit")]);
const told = (slice: Slice) => evaluateInWasm(slice, holding());

/** A trap: the instance that met one is thrown away, and what it had prepared with it. */
function trap(): void {
  const { statefulIsAuthorized } = engine();
  engine().statefulIsAuthorized = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  try {
    expect(() => told(only("trapped"))).toThrow("unreachable");
  } finally {
    engine().statefulIsAuthorized = statefulIsAuthorized;
  }
}

/** The slots that are filled from now on, one after another. */
function filled(): string[] {
  const slots: string[] = [];
  const { preparsePolicySet } = engine();
  engine().preparsePolicySet = (slot, policies) => {
    slots.push(slot);
    return preparsePolicySet(slot, policies);
  };
  return slots;
}

beforeEach(() => {
  told(only("first"));
  trap();
  // The next instance is there from here on.
  told(only("warm"));
});

describe("the WebAssembly engine", () => {
  it("tells what permits, what forbids and what errs, each in the order of their ids", () => {
    const [b, n] = [reads("b"), reads("n")];
    const permits = [policy("y", "permit", b), policy("x", "permit"), policy("no", "permit", reads("c"))];
    const errs = [policy("f", "permit", n), policy("e", "permit", reads("gone"))];
    const message = expect.any(String);
    const errors = [
      { policy: "e", message },
      { policy: "f", message },
    ];
    expect(told(sliceOf([...permits, ...errs]))).toEqual({ permits: ["x", "y"], forbids: [], errors });
    const forbids = [policy("d", "forbid", b), policy("a", "forbid"), policy("never", "forbid", reads("c"))];
    expect(told(sliceOf([...permits, ...errs, ...forbids]))).toEqual({
      permits: ["x", "y"],
      forbids: ["a", "d"],
      errors,
    });
    expect(told(sliceOf(forbids))).toEqual({ permits: [], forbids: ["a", "d"], errors: [] });
    expect(told(sliceOf([policy("never", "forbid", reads("c")), ...errs]))).toEqual({
      permits: [],
      forbids: [],
      errors,
    });
    expect(told(sliceOf([]))).toEqual({ permits: [], forbids: [], errors: [] });
  });

  it("prepares a slice once, and the permits of one that forbids once", () => {
    const slots = filled();
    const [one, other] = [only("one"), sliceOf([policy("may", "permit"), policy("no", "forbid")])];
    for (let times = 0; times < 3; times++) {
      expect(told(one).permits).toEqual(["one"]);
      expect(told(other)).toMatchObject({ permits: ["may"], forbids: ["no"] });
    }
    expect(new Set(slots).size).toBe(3);
    expect(slots).toHaveLength(3);
    // Another slice of equal policies is the same to it.
    expect(told(only("one")).permits).toEqual(["one"]);
    expect(slots).toHaveLength(3);
  });

  it("keeps what it prepared of five hundred and twelve slices, and gives up what was asked least lately", () => {
    trap();
    told(only("s0"));
    const slots = filled();
    const ask = (at: number): number => {
      const before = slots.length;
      expect(told(only(`s${at}`)).permits).toEqual([`s${at}`]);
      return slots.length - before;
    };
    for (let at = 1; at < 512; at++) expect(ask(at)).toBe(1);
    expect(ask(0)).toBe(0);
    expect(ask(512)).toBe(1);
    expect([ask(0), ask(2), ask(511)]).toEqual([0, 0, 0]);
    expect(ask(1)).toBe(1);
    expect([ask(512), ask(0), ask(2)]).toEqual([0, 0, 0]);
    expect(ask(3)).toBe(1);
    // However many there were, it has as many slots as it keeps slices.
    expect(new Set(["slot-0", ...slots]).size).toBe(512);
  });

  it("is replaced after a trap, and not where it only refuses a question", () => {
    const before = engine();
    const broken = { ...holding(), principal: { type: "no type", id: "a" } };
    expect(() => evaluateInWasm(only("one"), broken)).toThrow(EngineRefused);
    const unreadable = {
      ...policy("p", "permit"),
      syntax: { effect: "permit", conditions: [] },
    } as unknown as CompiledPolicy;
    expect(() => told(sliceOf([unreadable]))).toThrow("a compiled policy set does not load");
    expect(told(only("one")).permits).toEqual(["one"]);
    expect(engine()).toBe(before);
    trap();
    expect(told(only("one")).permits).toEqual(["one"]);
    expect(engine()).not.toBe(before);
  });

  it("says why it refuses a question", () => {
    const broken = { ...holding(), principal: { type: "no type", id: "a" } };
    expect(() => evaluateInWasm(only("one"), broken)).toThrow(/principal/);
  });
});
