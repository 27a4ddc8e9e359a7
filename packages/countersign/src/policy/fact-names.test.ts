import { describe, expect, it } from "vitest";
import { support } from "./acme.fixture.ts";
import { factNames } from "./fact-names.ts";
import type { Guardrail } from "./guardrail/guardrail.ts";

const hours = { zone: "Asia/Tokyo", days: [1], from: 0, to: 60 };
const guardrails = [
  { use: "call-limit", name: "rate" },
  { use: "object-limit", name: "cap" },
  { use: "refund-limits", name: "refunds" },
  { use: "step-limit", name: "step" },
  { use: "freeze", name: "freeze", zone: "Europe/Berlin" },
  { use: "expires", name: "until", zone: "Europe/Paris" },
  { use: "change-window", name: "window", hours },
  { use: "four-eyes", name: "pair" },
] as unknown as readonly Guardrail[];

describe("the names of facts", () => {
  it("are UTC alone where nothing reads more", () => {
    expect(factNames([], [])).toEqual({ windows: [], steps: [], zones: ["UTC"] });
    expect(factNames([support], [])).toEqual({ windows: [], steps: [], zones: ["UTC"] });
  });

  it("are what guardrails count, where steps stand, and whose clocks they read, each once and in order", () => {
    expect(factNames([{ ...support, guardrails }], [], ["given", "support-replies/guardrail/rate"])).toEqual({
      windows: [
        "given",
        "support-replies/guardrail/cap",
        "support-replies/guardrail/rate",
        "support-replies/guardrail/refunds/day",
      ],
      steps: ["support-replies/guardrail/step"],
      zones: ["Asia/Tokyo", "Europe/Berlin", "Europe/Paris", "UTC"],
    });
  });

  it("are the zones that the organisation's own policies read, where there is such a zone", () => {
    const text =
      'context.local["America/Lima"].day > 1 && context.local["Nowhere/Else"].day > 1 && xlocal["Asia/Tokyo"]';
    expect(factNames([], [{ text }]).zones).toEqual(["America/Lima", "UTC"]);
  });
});
