import { expect, it } from "vitest";
import { careLine } from "./proposal.ts";

const of = (...risks: readonly ("wider" | "unclear" | "none")[]) => careLine(risks.map((risk) => ({ risk })));

it("a plan says which of its changes let agents do more, and which only need a look", () => {
  expect(of("none", "none")).toBe("2 changes; none lets agents do more");
  // A new channel for notices lets no agent do more.
  expect(of("unclear")).toBe("1 change; 1 is for people to look at (`?`)");
  expect(of("wider", "none")).toBe("2 changes; 1 lets agents do more (`!`)");
  expect(of("wider", "wider", "unclear")).toBe(
    "3 changes; 2 let agents do more (`!`), 1 is for people to look at (`?`)",
  );
});
