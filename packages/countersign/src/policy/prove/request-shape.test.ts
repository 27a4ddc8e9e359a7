import { expect, it } from "vitest";
import {
  closed,
  decimals,
  mayBeAbsent,
  membersOf,
  rangeOf,
  readWhole,
  requestShapes,
  safe,
  years,
} from "./request-shape.ts";

const text = { type: "String" } as const;
const set = { type: "Set", element: text } as const;
const record = { type: "Record", attributes: { a: text } } as const;

it("facts that cannot be had may be absent, and so may an owner; nothing else may", () => {
  const may = (way: string, type: Parameters<typeof mayBeAbsent>[1] = text) => mayBeAbsent(way.split("."), type);
  for (const way of ["resource.owner", "context.facts.counts.x", "context.facts.flow.tainted"])
    expect(may(way), way).toBe(true);
  expect(may("context.facts.flow.read", set)).toBe(true);
  for (const way of [
    ...["principal.owner", "context.facts", "context.stage", "context.facts.stopped", "context.facts.reversal"],
    ...["context.facts.flow.effect", "context.run.step"],
  ])
    expect(may(way), way).toBe(false);
  for (const type of [set, record]) expect(may("context.facts.signals", type)).toBe(false);
  // A record of facts is there; what stands in it may not be.
  for (const way of ["context.facts.flow", "context.facts.reach.money"]) expect(may(way, record), way).toBe(false);
  expect(may("context.facts.reach.money.minor")).toBe(true);
});

it("a record has members, and nothing else has", () => {
  expect(membersOf(record)).toEqual({ a: text });
  for (const type of [text, set]) expect(membersOf(type)).toEqual({});
  const { agent, target, context } = requestShapes({ n: { kind: "long" } }, { windows: [], steps: [], zones: ["UTC"] });
  expect([agent.tier, target.system]).toEqual([{ type: "Long" }, text]);
  expect(context.args).toEqual({ type: "Record", attributes: { n: { type: "Long", required: false } } });
});

it("numbers, instants and closed lists are those that a request can hold", () => {
  expect(safe).toEqual([BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER)]);
  // Ten-thousandths of the largest amount that an argument may have.
  expect(decimals).toEqual([-900_000_000_000n * 10_000n, 900_000_000_000n * 10_000n]);
  expect(years).toEqual([Date.parse("0000-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")].map(BigInt));
  expect(closed["context.stage"]).toEqual(["list", "call", "resume", "release"]);
  expect(closed["context.facts.reversal"]).toEqual(["plan", "irreversible", "none"]);
  expect(closed["context.facts.flow.effect"]).toEqual(["read", "reversible", "irreversible", "egress"]);
});

it("what is counted is read as one value where nothing says which of it, and inside what holds it", () => {
  const read = (way: string) => {
    const of = way
      .split(".")
      .reduce<unknown>((left, attr) => (left === "" ? { Var: attr } : { ".": { left, attr } }), "");
    return [...readWhole([{ "==": { left: of, right: { Value: 1 } } }])];
  };
  expect(read("context.local.UTC.day")).toEqual([]);
  expect(read("context.facts.counts.calls")).toEqual([]);
  expect(read("context.localized")).toEqual([]);
  expect(read("context.local")).toEqual(["context.local"]);
  expect(read("context.facts")).toEqual(["context.facts.counts", "context.facts.sums", "context.facts.steps"]);
  expect(read("context")).toHaveLength(4);
});

it("clocks show what clocks show, and other numbers can be whatever is exact", () => {
  expect(["day", "weekday", "minute"].map((name) => rangeOf(["context", "local", "UTC", name]))).toEqual([
    [101n, 100_000_101n],
    [1n, 7n],
    [0n, 1_439n],
  ]);
  for (const path of [
    ["context", "args", "local", "minute"],
    ["context", "facts", "counts", "minute"],
    ["context", "run", "step"],
  ])
    expect(rangeOf(path)).toEqual(safe);
});
