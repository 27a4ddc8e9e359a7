import { describe, expect, it } from "vitest";
import { guardrailsFromCedar } from "./from-cedar.ts";
import type { Asking, Guardrail, Hours } from "./guardrail.ts";
import { guardrailId, guardrailToCedar } from "./to-cedar.ts";

const tools = ["a.b", "c.d"];
const ask: Asking = { from: "sre", count: 2, open: "4h", valid: "1h", exclude: ["requester", "owner"] };
const hours: Hours = { zone: "UTC", days: [1, 5], from: 540, to: 1020 };
const cure = '@cure("approval") @from("sre") @count("2") @open("4h") @valid("1h") @exclude("requester,owner")';
const cured = (id: string) => `unless { context.facts.cured.contains("w/guardrail/${id}") }`;
const day = 'context.local["UTC"].day';
const now = 'context.local["UTC"]';
const refunds: Guardrail = {
  use: "refund-limits",
  name: "r",
  tools,
  amount: "amount",
  in: "cents",
  aloneUnder: 505,
  upTo: 12_340,
  ask,
};

/** A guardrail on what must not stand right before, and its body. */
function never(per: "workflow" | "agent" | "target", place: string): [Guardrail, readonly string[]] {
  return [
    { use: "right-after", name: "f", tools, done: ["e.f"], may: "never", per, within: "30m", production: true },
    [
      `@title("w refuses a.b, c.d right after e.f ${place}")`,
      `@window("previous of e.f per ${per} within 30m")`,
      "when { resource.environment.production }",
      'when { context.facts.previous.contains("w/guardrail/f") };',
    ],
  ];
}

/** What stands between the template's name and the end of a policy, the scope left out. */
function bodyOf(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(1)
    .filter((line) => !line.startsWith("@template") && !line.startsWith("forbid"));
}

describe("a guardrail as Cedar", () => {
  it.each<[Guardrail, readonly string[]]>([
    [
      { use: "four-eyes", name: "f", tools, production: true, ask },
      ['@title("w asks sre before a.b, c.d")', cure, "when { resource.environment.production }", `${cured("f")};`],
    ],
    [
      { use: "freeze", name: "f", tools: [], zone: "UTC", from: 20261220, to: 20270102, production: false },
      ['@title("w freezes every execution")', `when { ${day} >= 20261220 && ${day} <= 20270102 };`],
    ],
    [
      { use: "change-window", name: "f", tools, production: false, hours },
      [
        '@title("w has a change window for a.b, c.d")',
        `unless { [1, 5].contains(${now}.weekday) && ${now}.minute >= 540 && ${now}.minute < 1020 };`,
      ],
    ],
    [
      {
        use: "business-hours",
        name: "f",
        tools,
        production: true,
        hours: { ...hours, days: [1, 7], from: 1320, to: 360 },
        ask,
      },
      [
        '@title("w asks sre outside business hours before a.b, c.d")',
        cure,
        "when { resource.environment.production }",
        `unless { ([1, 7].contains(${now}.weekday) && ${now}.minute >= 1320) || ([2, 1].contains(${now}.weekday) && ${now}.minute < 360) }`,
        `${cured("f")};`,
      ],
    ],
    [
      { use: "step-limit", name: "f", tools, argument: "share", current: "/share", most: 10, production: true },
      [
        '@title("w moves share in steps of at most 10 with a.b, c.d")',
        '@step("share from /share")',
        "when { resource.environment.production }",
        'when { context.facts.steps["w/guardrail/f"] > 10 };',
      ],
    ],
    [
      {
        use: "egress",
        name: "f",
        tools,
        argument: "to",
        domains: ["x.example", "y.example"],
        labels: ["customer", "staff"],
      },
      [
        '@title("w sends nothing to other domains with a.b, c.d")',
        'when { resource.labels.contains("customer") || resource.labels.contains("staff") }',
        'unless { context.args has to && context.args.to has domains && !context.args.to.domains.isEmpty() && ["x.example", "y.example"].containsAll(context.args.to.domains) };',
      ],
    ],
    [
      { use: "egress", name: "f", tools, argument: "to", domains: [], labels: [] },
      [
        '@title("w sends nothing to other domains with a.b, c.d")',
        "unless { context.args has to && context.args.to has domains && !context.args.to.domains.isEmpty() && [].containsAll(context.args.to.domains) };",
      ],
    ],
    [
      { use: "first-time-target", name: "f", tools, ask: { ...ask, exclude: [] } },
      [
        '@title("w asks sre the first time that a.b, c.d touches a target")',
        '@window("formerly of a.b,c.d per target once done")',
        cure.replace("requester,owner", "nobody"),
        'unless { context.facts.formerly.contains("w/guardrail/f") }',
        `${cured("f")};`,
      ],
    ],
    [
      { use: "done-before", name: "f", tools, done: "e.f", within: "1h", since: "c.d", production: false },
      [
        '@title("w needs e.f done on the same target since the last c.d before a.b, c.d")',
        '@window("formerly of e.f per target within 1h since c.d once done")',
        'unless { context.facts.formerly.contains("w/guardrail/f") };',
      ],
    ],
    [
      { use: "done-before", name: "f", tools, done: "e.f", within: "1h", production: true },
      [
        '@title("w needs e.f done on the same target before a.b, c.d")',
        '@window("formerly of e.f per target within 1h once done")',
        "when { resource.environment.production }",
        'unless { context.facts.formerly.contains("w/guardrail/f") };',
      ],
    ],
    [
      {
        use: "right-after",
        name: "f",
        tools,
        done: ["e.f", "g.h"],
        may: "only",
        per: "run",
        within: "1h",
        production: false,
      },
      [
        '@title("w needs e.f, g.h done right before a.b, c.d in the run")',
        '@window("previous of e.f,g.h per run within 1h once done")',
        'unless { context.facts.previous.contains("w/guardrail/f") };',
      ],
    ],
    never("workflow", "in the workflow"),
    never("agent", "by the same agent"),
    never("target", "on the same target"),
    [
      { use: "call-limit", name: "f", tools, most: 3, per: "run", within: "1h" },
      [
        '@title("w limits a.b, c.d")',
        '@window("count of a.b,c.d per run within 1h")',
        'when { context.facts.counts["w/guardrail/f"] > 3 };',
      ],
    ],
    [
      { use: "object-limit", name: "f", tools, argument: "ids", most: 500, per: "agent", within: "24h" },
      [
        '@title("w limits what a.b, c.d touches")',
        '@window("sum ids in items of a.b,c.d per agent within 24h")',
        'when { context.facts.sums["w/guardrail/f"] > 500 };',
      ],
    ],
    [
      { use: "expires", name: "f", tools, zone: "UTC", until: 20261231 },
      ['@title("w grants a.b, c.d until 2026-12-31")', `when { ${day} > 20261231 };`],
    ],
    [
      { use: "only-within", name: "f", tools, environments: ["dev", "test"], targets: ["shop/", "cart/"] },
      [
        '@title("w keeps a.b, c.d within its scope")',
        'unless { ["dev", "test"].contains(resource.environment.name) && (resource.target like "shop/*" || resource.target like "cart/*") };',
      ],
    ],
    [
      { use: "only-within", name: "f", tools, environments: ["dev"], targets: [] },
      ['@title("w keeps a.b, c.d within its scope")', 'unless { ["dev"].contains(resource.environment.name) };'],
    ],
  ])("$use says what it says, for whom, and comes back as it was", (rule, body) => {
    const texts = guardrailToCedar("w", rule);
    expect(texts).toHaveLength(1);
    const [text = ""] = texts;
    expect(bodyOf(text)).toEqual(body);
    const action = rule.tools.length === 0 ? 'Action::"execute"' : '[Action::"a.b", Action::"c.d"]';
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        '@id("w/guardrail/f")',
        `@template("${rule.use}")`,
        `forbid (principal in Workflow::"w", action in ${action}, resource)`,
      ]),
    );
    expect(guardrailsFromCedar([{ id: "w/guardrail/f", text }])).toEqual([{ workflow: "w", guardrail: rule }]);
  });

  const read = (rule: Guardrail) =>
    guardrailToCedar("w", rule).map((text) => ({ id: /@id\("([^"]*)"\)/.exec(text)?.[1] ?? "", text }));

  it("on refunds is a limit, a question, a currency and a day's sum", () => {
    const whole = { ...refunds, currency: { code: "EUR", argument: "currency" }, perDay: 200_000 };
    const [never, asked, currency, perDay] = read(whole);
    expect([never, asked, currency, perDay].map((one) => one?.id)).toEqual(
      ["never", "approval", "currency", "day"].map((part) => `w/guardrail/r/${part}`),
    );
    expect(bodyOf(never?.text ?? "")).toEqual([
      '@title("w never refunds more than 123.40 with a.b, c.d")',
      "unless { context.args has amount && context.args.amount > 0 && context.args.amount <= 12340 };",
    ]);
    expect(bodyOf(asked?.text ?? "")).toEqual([
      '@title("w asks sre before it refunds 5.05 or more with a.b, c.d")',
      cure,
      "unless { context.args has amount && context.args.amount < 505 }",
      `${cured("r/approval")};`,
    ]);
    expect(bodyOf(currency?.text ?? "")).toEqual([
      '@title("w refunds in EUR only")',
      'unless { context.args has currency && context.args.currency == "EUR" };',
    ]);
    expect(bodyOf(perDay?.text ?? "")).toEqual([
      '@title("w never refunds more than 2000.00 in 24 hours with a.b, c.d")',
      '@window("sum amount in cents of a.b,c.d per workflow within 24h")',
      'when { context.facts.sums["w/guardrail/r/day"] > 200000 };',
    ]);
    expect(guardrailsFromCedar(read(whole))).toEqual([{ workflow: "w", guardrail: whole }]);
  });

  it("on refunds reads the amount as the tool takes it", () => {
    const units = read({ ...refunds, in: "whole", aloneUnder: 500, upTo: 12_300 });
    expect(units[0]?.text).toContain("context.args.amount > 0 && context.args.amount <= 123 }");
    expect(units[1]?.text).toContain("context.args.amount < 5 }");
    const points = read({ ...refunds, in: "decimal" });
    expect(points[0]?.text).toContain(
      'context.args.amount.greaterThan(decimal("0.00")) && context.args.amount.lessThanOrEqual(decimal("123.40")) }',
    );
    expect(points[1]?.text).toContain('context.args.amount.lessThan(decimal("5.05")) }');
    for (const rule of [
      refunds,
      { ...refunds, in: "decimal" },
      { ...refunds, in: "whole", aloneUnder: 500, upTo: 12_300 },
    ] as const)
      expect(guardrailsFromCedar(read(rule))).toEqual([{ workflow: "w", guardrail: rule }]);
  });

  it("is read where its id and every one of its policies are as they were, and not else", () => {
    const policies = read(refunds);
    expect(guardrailsFromCedar([])).toEqual([]);
    expect(guardrailsFromCedar(policies.slice(1))).toEqual([]);
    expect(guardrailsFromCedar(policies.toReversed())).toHaveLength(1);
    expect(
      guardrailsFromCedar(policies.map(({ id, text }) => ({ id, text: text.replaceAll("\n", "\n  ") }))),
    ).toHaveLength(1);
    for (const change of [
      (text: string) => text.replace("<= 12340", "<= 12341"),
      (text: string) => text.replace("12340", "x"),
      (text: string) => text.replace("refund-limits", "refund-limit"),
      (text: string) => text.replace(/@cure.*/, ""),
      (text: string) => text.replace("has amount", "has amounts"),
      (text: string) => text.replace("< 505", "<= 505"),
    ])
      expect(guardrailsFromCedar(policies.map(({ id, text }) => ({ id, text: change(text) })))).toEqual([]);
    for (const id of ["w/guardrails/r/never", "w", "w/guardrail", "x/w/guardrail/r", "w/guardrail/r/never/more"])
      expect(guardrailsFromCedar(policies.map(({ text }) => ({ id, text })))).toEqual([]);
  });

  it("has an id of its workflow, its name and its part", () => {
    expect([guardrailId("w", "n"), guardrailId("w", "n", "day")]).toEqual(["w/guardrail/n", "w/guardrail/n/day"]);
  });
});
