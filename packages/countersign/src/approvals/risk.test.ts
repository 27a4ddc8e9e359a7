import type { FlowFacts, Reach } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { type RiskFacts, ranks, reachText, riskOf } from "./risk.ts";

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
    [
      "changed since",
      { ...quiet, isChanged: true },
      "the target is not as the action left it, or nobody can tell: what others did since would be undone too",
      "high",
    ],
    ["revoked key", { ...quiet, isKeyRevoked: true }, "the key that it was asked for with was revoked since", "high"],
    [
      "no undo known",
      { ...quiet, plan: { kind: "none", reason: "its state could not be read" } },
      "its state could not be read",
      "low",
    ],
    ["access", place({ labels: ["access", "money"] }), "the catalog labels calls of this kind `access`", "low"],
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

  it("are low, medium or high by what they weigh together", () => {
    const one = { ...quiet, isFirst: true };
    const three = { ...place({ ...production, labels: ["access"] }) };
    expect(riskOf(one).level).toBe("low");
    expect(riskOf({ ...one, stopped: { by: "ana@x", reason: "odd" } }).level).toBe("medium");
    expect(riskOf(three).level).toBe("medium");
    expect(riskOf({ ...three, isFirst: true }).level).toBe("high");
  });

  it.each<[number, RiskFacts]>([
    [2, { ...quiet, plan: { kind: "irreversible", reason: "r" } }],
    [1, { ...quiet, plan: { kind: "none" } }],
    [2, place(production)],
    [1, place({ labels: ["destructive"] })],
    [1, place({ labels: ["access"] })],
    [2, flow({ destinations: { "args.to": "untrusted" } })],
    [1, flow({ tainted: true, sources: [{ tool: "web.get" }] })],
    [1, flow({ effect: "egress" })],
    [1, touching(undefined)],
    [2, touching({ rows: 5_000 })],
    [1, { ...quiet, stopped: { by: "ana@x", reason: "odd calls" } }],
  ])("weigh %d: %j", (weight, facts) => {
    const levels = [facts, { ...facts, isFirst: true }].map((one) => riskOf(one).level);
    expect(levels).toEqual(weight === 2 ? ["medium", "medium"] : ["low", "medium"]);
  });

  it("are ranked in the list as they are weighed", () => {
    expect(ranks).toEqual({ low: 0, medium: 1, high: 2 });
  });

  it("stand in one order where they weigh the same, and the heaviest first where they do not", () => {
    const { words } = riskOf({
      plan: { kind: "none" },
      isFirst: true,
      stopped: { by: "b", reason: "r" },
      input: {
        action: { verb: "execute" },
        resource: { environment: { name: "live", production: true }, labels: ["access", "destructive"] },
        facts: { flow: { effect: "egress", brings: "internal" } },
      },
    });
    expect(words.map(({ word }) => word)).toEqual([
      ...["production", "no undo known", "destructive", "access", "external destination", "blast radius unknown"],
      ...["after a stop", "first time this target"],
    ]);
  });

  it("say nothing of what a run has read where it is not tainted, or by whom it was is not known", () => {
    expect(riskOf(flow({ tainted: false, sources: [{ tool: "web.get" }] })).words).toEqual([]);
    expect(riskOf(flow({ sources: [{ tool: "web.get" }] })).words).toEqual([]);
    expect(riskOf(flow({ tainted: true, sources: [] })).words).toEqual([]);
    expect(riskOf(flow({ tainted: true })).words).toEqual([]);
  });

  it("say what a run has read before where data leave", () => {
    const { words } = riskOf(flow({ tainted: true, sources: [{ tool: "web.get" }], effect: "egress" }));
    expect(words.map(({ word }) => word)).toEqual(["untrusted origin", "external destination"]);
  });

  it("say of a destination that was read where others may write more than of a run that has read there", () => {
    const both = flow({ tainted: true, sources: [{ tool: "web.get" }], destinations: { to: "untrusted" } });
    expect(riskOf(both).words).toEqual([{ word: "untrusted origin", reason: "`to`: read where others may write" }]);
    const others = { a: "task", b: "trusted", c: "none", d: "endorsed", e: "approved" } as const;
    expect(riskOf(flow({ destinations: others })).words).toEqual([]);
  });

  it("name up to three places or tools, each once, and count the others", () => {
    const reasonOf = (facts: RiskFacts) => riskOf(facts).words[0]?.reason;
    const sources = (...tools: readonly string[]) => flow({ tainted: true, sources: tools.map((tool) => ({ tool })) });
    const rest = ", where others may write";
    expect(reasonOf(sources("a", "b", "a", "c"))).toBe(`its run has read \`a\`, \`b\`, \`c\`${rest}`);
    expect(reasonOf(sources("a", "b", "c", "d", "e"))).toBe(`its run has read \`a\`, \`b\`, \`c\` and 2 more${rest}`);
    const long = flow({ destinations: { ["x".repeat(101)]: "untrusted" } });
    expect(reasonOf(long)).toBe(`\`${"x".repeat(100)}\`: read where others may write`);
  });

  it.each([
    ["objects", 100, "100 objects"],
    ["customers", 10, "10 customers"],
    ["nodes", 5, "5 nodes"],
    ["rows", 1_000, "1000 rows"],
  ] as const)("call a reach large from %s: %d", (unit, least, said) => {
    const facts = (count: number) => touching({ [unit]: count } as Reach);
    expect(riskOf(facts(least - 1)).words).toEqual([]);
    expect(riskOf(facts(least)).words).toEqual([{ word: "large reach", reason: `it touches ${said}` }]);
  });

  it("call a reach large that moves a thousand of a currency, also where all else is small", () => {
    const facts = (minor: number) => touching({ objects: 1, money: { minor, currency: "EUR" } });
    expect(riskOf(facts(99_999)).words).toEqual([]);
    expect(riskOf(facts(100_000))).toEqual({
      level: "medium",
      words: [{ word: "large reach", reason: "it touches 1 object, 1000.00 EUR" }],
    });
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
  for (const currency of ["xEUR", "EURO", "eur", "EUR "])
    expect(reachText({ money: { minor: 7, currency } })).toBe(`7 minor units of \`${currency}\``);
  expect(reachText({ customers: 2, money: { minor: 5, currency: "EUR" } })).toBe("2 customers, 0.05 EUR");
  expect(reachText({ nodes: 0 })).toBe("0 nodes");
  expect(reachText(undefined)).toBe("nobody knows how much");
  expect(reachText({})).toBe("nobody knows how much");
});
