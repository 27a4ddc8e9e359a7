import type { FlowFacts } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { type RiskFacts, reachText, riskOf } from "./risk.ts";

const quiet: RiskFacts = {
  input: {
    action: { verb: "execute" },
    resource: { environment: { name: "sandbox", production: false }, labels: [] },
    facts: { reach: { objects: 1 }, flow: { effect: "reversible", brings: "internal" } },
  },
  plan: { kind: "inverse" },
  isFirst: false,
};
const flow = (more: Partial<FlowFacts>): RiskFacts => ({
  ...quiet,
  input: {
    ...quiet.input,
    facts: { reach: { objects: 1 }, flow: { effect: "reversible", brings: "internal", ...more } },
  },
});
const place = (more: Partial<RiskFacts["input"]["resource"]>): RiskFacts => ({
  ...quiet,
  input: { ...quiet.input, resource: { ...quiet.input.resource, ...more } },
});
const touching = (reach: RiskFacts["input"]["facts"]["reach"]): RiskFacts => ({
  ...quiet,
  input: { ...quiet.input, facts: { ...(reach === undefined ? {} : { reach }) } },
});
const production = { environment: { name: "live", production: true } };

describe("the words of a risk", () => {
  it("are none where nothing speaks for one", () => {
    expect(riskOf(quiet)).toEqual({ level: "low", words: [] });
  });

  it.each([
    [
      "irreversible",
      { ...quiet, plan: { kind: "irreversible", reason: "nothing deletes it" } },
      "nothing deletes it",
      "medium",
    ],
    ["no undo known", { ...quiet, plan: { kind: "none" } }, "the catalog knows no way back", "low"],
    ["production", place(production), "`live` is a production environment", "medium"],
    ["destructive", place({ labels: ["destructive"] }), "the catalog labels calls of this kind `destructive`", "low"],
    [
      "untrusted origin",
      flow({ destinations: { "args.to": "untrusted" } }),
      "`args.to`: read where others may write",
      "medium",
    ],
    [
      "untrusted origin",
      flow({ tainted: true, sources: [{ tool: "web.get" }] }),
      "its run has read `web.get`, where others may write",
      "low",
    ],
    [
      "external destination",
      flow({ effect: "egress" }),
      "with this call data leaves, as far as the catalog knows",
      "low",
    ],
    ["blast radius unknown", touching(undefined), "the catalog does not say how much such a call touches", "low"],
    ["large reach", touching({ rows: 5_000 }), "it touches 5000 rows", "medium"],
    [
      "after a stop",
      { ...quiet, stopped: { by: "ana@x", reason: "odd calls" } },
      "`ana@x` had stopped it: odd calls",
      "low",
    ],
    ["first time this target", { ...quiet, isFirst: true }, "nobody was asked about it with this tool before", "low"],
  ] as const)("%s, with its reason", (word, facts, reason, level) => {
    expect(riskOf(facts as RiskFacts)).toEqual({ level, words: [{ word, reason }] });
  });

  it("add up to a high risk, the heaviest first", () => {
    const { level, words } = riskOf({
      ...place(production),
      isFirst: true,
      plan: { kind: "irreversible", reason: "r" },
    });
    expect([level, ...words.map(({ word }) => word)]).toEqual([
      "high",
      "irreversible",
      "production",
      "first time this target",
    ]);
    expect(riskOf({ ...place(production), isFirst: true }).level).toBe("medium");
  });

  it("say nothing of the reach of a read", () => {
    const read = { ...touching(undefined), input: { ...touching(undefined).input, action: { verb: "read" as const } } };
    expect(riskOf(read).words).toEqual([]);
  });
});

it("a reach is told in its units, money in its currency's own", () => {
  expect(reachText({ objects: 1, rows: 3 })).toBe("1 object, 3 rows");
  expect(reachText({ money: { minor: 123_45, currency: "EUR" } })).toBe("123.45 EUR");
  expect(reachText({ money: { minor: 500, currency: "JPY" } })).toBe("500 JPY");
  expect(reachText({ money: { minor: 500, currency: "points" } })).toBe("500 minor units of `points`");
  expect(reachText(undefined)).toBe("nobody knows how much");
});
