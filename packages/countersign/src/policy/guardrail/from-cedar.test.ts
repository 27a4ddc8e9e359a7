import { describe, expect, it } from "vitest";
import { guardrailsFromCedar } from "./from-cedar.ts";
import type { Guardrail, RefundLimits } from "./guardrail.ts";
import { guardrailToCedar } from "./to-cedar.ts";

const refunds: RefundLimits = {
  use: "refund-limits",
  name: "refunds",
  tools: ["s.refund", "s.credit"],
  amount: "amount",
  in: "cents",
  currency: { code: "EUR", argument: "unit" },
  aloneUnder: 5_000,
  upTo: 50_000,
  perDay: 200_000,
  ask: { from: "leads", count: 2, open: "4h", valid: "1h", exclude: ["requester", "owner"] },
};
const freeze: Guardrail = {
  use: "freeze",
  name: "year-end",
  tools: [],
  zone: "UTC",
  from: 20261220,
  to: 20270102,
  production: true,
};

/** The policies as they stand in a set, under the ids that their texts have. */
function written(workflow: string, guardrail: Guardrail, change = (text: string) => text) {
  return guardrailToCedar(workflow, guardrail).map((text) => ({
    id: /@id\("([^"]*)"\)/.exec(text)?.[1] ?? "",
    text: change(text),
  }));
}

describe("a guardrail that stands as Cedar", () => {
  it("is read from its policies in whatever order, and however their lines are broken", () => {
    const read = [{ workflow: "w", guardrail: refunds }];
    expect(guardrailsFromCedar(written("w", refunds).toReversed())).toEqual(read);
    const broken = (text: string) =>
      ` ${text.replaceAll("\n", "\n\n  ").replaceAll(/ @(from|count|open|valid|exclude)/g, "\n  @$1")}\n`;
    expect(guardrailsFromCedar(written("w", refunds, broken))).toEqual(read);
  });

  it("is one of its workflow, beside others of that name and others of that workflow", () => {
    const all = [...written("w", refunds), ...written("v", refunds), ...written("w", freeze)];
    expect(guardrailsFromCedar(all)).toEqual([
      { workflow: "w", guardrail: refunds },
      { workflow: "v", guardrail: refunds },
      { workflow: "w", guardrail: freeze },
    ]);
  });

  it("is told by the whole of its id", () => {
    const [{ text = "" } = {}] = written("w", freeze);
    const read = (id: string) => guardrailsFromCedar([{ id, text }]);
    expect(read("w/guardrail/year-end")).toHaveLength(1);
    expect(read("w/guardrail/year-end/part")).toHaveLength(1);
    for (const id of [
      "v/w/guardrail/year-end",
      "w/guardrail/year-end/part/of",
      "w/guardrail/",
      "w/allow/year-end",
      "year-end",
      "",
    ])
      expect(read(id), id).toEqual([]);
  });

  it("is another, or none, where a part of it is gone or is another's", () => {
    const all = written("w", refunds);
    const without = (part: string) => guardrailsFromCedar(all.filter(({ id }) => id !== `w/guardrail/refunds/${part}`));
    const [{ currency: _, ...anyCurrency }, { perDay: __, ...endless }] = [refunds, refunds];
    expect(without("currency")).toEqual([{ workflow: "w", guardrail: anyCurrency }]);
    expect(without("day")).toEqual([{ workflow: "w", guardrail: endless }]);
    for (const part of ["never", "approval"]) expect(without(part), part).toEqual([]);
    expect(guardrailsFromCedar([...all, all[0]!])).toEqual([]);
    expect(guardrailsFromCedar(written("w", freeze, (text) => text.replaceAll("w ", "v ")))).toEqual([]);
  });

  it("sends data where each of its tools is read to send it, also where one is read to send none", () => {
    const guardrail: Guardrail = {
      use: "data-egress",
      name: "inside",
      tools: ["s.note", "s.mail"],
      domains: ["acme.example", "partner.example"],
      labels: ["customer", "secret"],
      destinations: [
        { tool: "s.mail", argument: "to", by: "domains" },
        { tool: "s.mail", argument: "link", by: "hosts" },
      ],
    };
    expect(guardrailsFromCedar(written("w", guardrail))).toEqual([{ workflow: "w", guardrail }]);
  });
});

describe("Cedar that only says of itself that a template wrote it", () => {
  const claims = (use: string, more = "") => ({
    id: "w/guardrail/x",
    text: [
      '@id("w/guardrail/x")',
      '@title("w freezes s.t")',
      `@template("${use}")`,
      ...(more === "" ? [] : [more]),
      'forbid (principal in Workflow::"w", action in [Action::"s.t"], resource)',
      "when { context.run.tainted };",
    ].join("\n"),
  });
  const uses = [
    ...["refund-limits", "four-eyes", "freeze", "change-window", "business-hours", "step-limit", "egress"],
    ...["data-egress", "first-time-target", "done-before", "call-limit", "object-limit", "expires", "only-within"],
    "right-after",
    "no-template",
  ];

  it.each(uses)("is no `%s`", (use) => {
    expect(guardrailsFromCedar([claims(use)])).toEqual([]);
    const ask = '@cure("approval") @from("leads") @count("1") @open("4h") @valid("1h") @exclude("nobody")';
    expect(guardrailsFromCedar([claims(use, ask)])).toEqual([]);
  });

  it("is none whose window has no end, where the template's has one", () => {
    const order = {
      use: "right-after" as const,
      name: "x",
      tools: ["s.t"],
      done: ["s.u", "s.v"],
      within: "1h",
      production: false,
    };
    const without: readonly (readonly [Guardrail, string])[] = [
      [
        { use: "done-before", name: "x", tools: ["s.t"], done: "s.u", within: "1h", production: false },
        "formerly of s.u per target once done",
      ],
      [{ ...order, may: "never", per: "target" }, "previous of s.u,s.v per target"],
      [{ ...order, may: "only", per: "run" }, "formerly of s.u,s.v per run within 1h once done"],
      [{ use: "call-limit", name: "x", tools: ["s.t"], most: 3, per: "run", within: "1h" }, "count of s.t per run"],
      [
        { use: "object-limit", name: "x", tools: ["s.t"], argument: "ids", most: 3, per: "run", within: "1h" },
        "sum ids in items of s.t per run",
      ],
    ];
    for (const [guardrail, window] of without) {
      expect(guardrailsFromCedar(written("w", guardrail))).toEqual([{ workflow: "w", guardrail }]);
      const endless = (text: string) => text.replace(/@window\("[^"]*"\)/, `@window("${window}")`);
      expect(guardrailsFromCedar(written("w", guardrail, endless)), guardrail.use).toEqual([]);
    }
  });

  it("limits no refunds without an amount that it refuses and one that it asks for", () => {
    const [never, asks, ...more] = written("w", refunds);
    const changed = (at: 0 | 1, from: string, to: string) =>
      [never!, asks!, ...more].map((one, index) => (index === at ? { ...one, text: one.text.replace(from, to) } : one));
    expect(guardrailsFromCedar(changed(0, "<= 50000", "<= 50001"))).toEqual([]);
    expect(guardrailsFromCedar(changed(0, "context.args.amount <= 50000", "true"))).toEqual([]);
    expect(guardrailsFromCedar(changed(1, "context.args.amount < 5000", "true"))).toEqual([]);
    expect(guardrailsFromCedar(changed(0, "context.args.amount > 0", "true"))).toEqual([]);
  });
});
