import { expect, it } from "vitest";
import { type Outcome, toldOn } from "./outcome.ts";

const bad = (about: string, text = "was not sent"): Outcome => ({ about, text, isBad: true });
const good = (about: string): Outcome => ({ about, text: "you approved it" });
const told = (...outcomes: readonly Outcome[]) => outcomes.reduce(toldOn, [] as readonly Outcome[]);

it("what went wrong stays beside what is told of others", () => {
  expect(told(bad("a"), good("b"), bad("c"), good("d"))).toEqual([bad("a"), bad("c"), good("d")]);
});

it("better is known of the same: it takes the place of what was told before", () => {
  expect(told(bad("a", "not known"), bad("b"), bad("a", "not recorded"))).toEqual([bad("b"), bad("a", "not recorded")]);
  expect(told(bad("a", "not known"), good("a"))).toEqual([good("a")]);
});
