import { describe, expect, it } from "vitest";
import type { Destination } from "../catalog/index.ts";
import { doneAt } from "./done.ts";

const result = { integrity: "own", confidentiality: "internal", fields: [] } as const;
const call = (...destinations: readonly Destination[]) => ({
  effect: "irreversible" as const,
  destinations,
  result: { ...result, fields: [] },
});
const to = (value: string | number, at = "args.to"): Destination => ({ at, value });
const pay = (...destinations: readonly Destination[]) => doneAt("money", "bank.pay", call(...destinations));

describe("what a call does for good", () => {
  it("is the same in another spelling, order and number of times", () => {
    const first = pay(to("DE02 1234"), to(412.5, "args.amount"));
    expect(pay(to("412.50", "args.amount"), to("de02  1234"))).toBe(first);
    expect(pay(to("DE02 1234"), to("DE02 1234"), to("412.5", "args.amount"))).toBe(first);
    expect(pay(to("a", "args.to.0"), to("b", "args.to.1"))).toBe(pay(to("b", "args.to.0"), to("a", "args.to.1")));
    expect(pay(to("#general/"))).toBe(pay(to("General")));
  });

  it("is another one at another place, of another amount, tool and workflow", () => {
    const first = pay(to("a"), to(4, "args.amount"));
    expect(pay(to("b"), to(4, "args.amount"))).not.toBe(first);
    expect(pay(to("a"), to(40, "args.amount"))).not.toBe(first);
    expect(pay(to("a", "args.amount"), to(4))).not.toBe(first);
    expect(doneAt("money", "bank.refund", call(to("a"), to(4, "args.amount")))).not.toBe(first);
    expect(doneAt("sales", "bank.pay", call(to("a"), to(4, "args.amount")))).not.toBe(first);
  });

  it("is nothing where it is undone or leaves, names no place, or goes only where anybody may", () => {
    const anybodys: Destination = { at: "args.n", value: 3, endorse: { type: "integer" } };
    expect(pay()).toBeUndefined();
    expect(pay(anybodys)).toBeUndefined();
    expect(pay(anybodys, to("a"))).toBe(pay(to("a")));
    expect(doneAt("money", "bank.pay", { ...call(to("a")), effect: "reversible" })).toBeUndefined();
    expect(doneAt("money", "bank.pay", { ...call(to("a")), effect: "egress" })).toBeUndefined();
  });
});
