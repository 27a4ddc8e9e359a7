import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";

// `npm run fuzz:policy -- --bugs` does the same at length, and with bugs planted in the evaluator.
describe("the evaluator and the WebAssembly engine", () => {
  it("give the same answers, and meet every operator of the language", () => {
    const { cases, allows, withErrors, reached, differences } = compare(1_000, 7);
    expect(differences).toEqual([]);
    expect(cases).toBe(1_000);
    expect(Math.min(allows, withErrors)).toBeGreaterThan(100);
    const operators = [
      ...["!", "neg", "&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "in", "is", "has", "like", "."],
      ...["contains", "containsAll", "containsAny", "isEmpty", "getTag", "hasTag", "if-then-else", "Set", "Record"],
      ...["ip", "isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange", "decimal", "lessThan"],
      ...["lessThanOrEqual", "greaterThan", "greaterThanOrEqual", "datetime", "duration", "offset", "durationSince"],
      ...["toDate", "toTime", "toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"],
      ...["scope:==", "scope:in", "scope:is", "scope:is in", "scope:== slot", "scope:in slot", "when", "unless"],
    ];
    expect(operators.filter((operator) => (reached.get(operator) ?? 0) < 5)).toEqual([]);
  });
});
