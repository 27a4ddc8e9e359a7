import { describe, expect, it } from "vitest";
import { readStep, readWindow, stepText, type WindowRule, windowText } from "./window.ts";

const rules: readonly (readonly [string, WindowRule])[] = [
  ["count of a.b per run", { kind: "count", tools: ["a.b"], per: "run" }],
  ["count of a.b,c.d per agent within 24h", { kind: "count", tools: ["a.b", "c.d"], per: "agent", within: "24h" }],
  [
    "formerly of a.b per target within 1h since c.d once done",
    { kind: "formerly", tools: ["a.b"], per: "target", within: "1h", since: "c.d", done: true },
  ],
  [
    "previous of a.b,c.d per run within 1h once done",
    { kind: "previous", tools: ["a.b", "c.d"], per: "run", within: "1h", done: true },
  ],
  ["previous of a.b per target within 1h", { kind: "previous", tools: ["a.b"], per: "target", within: "1h" }],
  ["formerly of a.b per target once done", { kind: "formerly", tools: ["a.b"], per: "target", done: true }],
  [
    "sum amount in cents of a.b per workflow within 90s once done",
    { kind: "sum", tools: ["a.b"], per: "workflow", argument: "amount", in: "cents", within: "90s", done: true },
  ],
  ["count of a.b per workspace within 1h", { kind: "count", tools: ["a.b"], per: "workspace", within: "1h" }],
  [
    "count of a.b per args.customer across workspace within 24h",
    { kind: "count", tools: ["a.b"], per: "args.customer", across: true, within: "24h" },
  ],
  ...(["objects", "customers", "nodes", "rows"] as const).map(
    (unit) =>
      [
        `sum touched ${unit} of a.b per person within 15m`,
        { kind: "sum", tools: ["a.b"], per: "person", touched: unit, within: "15m" },
      ] as const,
  ),
  ...(["whole", "decimal", "items"] as const).map(
    (unit) =>
      [
        `sum _x1 in ${unit} of a.b per run within 15m`,
        { kind: "sum", tools: ["a.b"], per: "run", argument: "_x1", in: unit, within: "15m" },
      ] as const,
  ),
];

describe("a window", () => {
  it.each(rules)("`%s` is written and read", (text, rule) => {
    expect(windowText(rule)).toBe(text);
    expect(readWindow(text)).toEqual(rule);
  });

  it.each([
    "",
    "counts of a.b per run",
    "count of a.b",
    "count of a.b per persons",
    "count of a.b per args.",
    "count of a.b per args.a.b",
    "count of a.b per run across everything",
    "sum touched things of a.b per run within 1h",
    "count of a b per run",
    "count of a.b per run within 0h",
    "count of a.b per run within 24",
    "count of a.b per run once done within 1h",
    "formerly of a.b per target since c.d once done",
    "formerly of a.b per target within 1h since c d",
    "previous of a.b per run",
    "previous of a.b per run once done",
    "previous of a.b per run within 1h since c.d",
    "sum of a.b per run",
    "sum amount of a.b per run",
    "sum 1x in cents of a.b per run",
    "sum amount in euros of a.b per run",
    "x count of a.b per run",
    "count of a.b per run x",
  ])("is not read from `%s`", (text) => {
    expect(readWindow(text)).toBeUndefined();
  });
});

describe("a step", () => {
  it("is written and read", () => {
    const step = { argument: "share", current: "/structuredContent/flag.x/per-cent" };
    expect(stepText(step)).toBe("share from /structuredContent/flag.x/per-cent");
    expect(readStep(stepText(step))).toEqual(step);
  });

  it.each([
    "",
    "share from",
    "share from x",
    "share from /",
    "share from /a//b",
    "share from /a b",
    "1x from /a",
    "x share from /a",
    "share from /a~1b",
  ])("is not read from `%s`", (text) => {
    expect(readStep(text)).toBeUndefined();
  });
});
