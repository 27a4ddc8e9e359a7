import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acme, approval, asks, support, tools } from "../acme.fixture.ts";
import { tryCompile } from "../compile.ts";
import { decide } from "../decide.ts";
import type { WorkflowRules } from "../rules.ts";
import { guardrailsFromCedar } from "./from-cedar.ts";
import type { Asking, Guardrail, Hours } from "./guardrail.ts";
import { guardrailToCedar } from "./to-cedar.ts";

const refund = "helpdesk.draft_refund";
const ask: Asking = { from: "support-leads", count: 1, open: "4h", valid: "1h", exclude: ["requester"] };
const berlin: Hours = { zone: "Europe/Berlin", days: [1, 2, 3, 4, 5], from: 540, to: 1020 };
const one = { tools: [refund], production: false } as const;

const examples: readonly Guardrail[] = [
  {
    use: "refund-limits",
    name: "refunds",
    ...one,
    amount: "amount",
    in: "cents",
    aloneUnder: 5000,
    upTo: 50_000,
    perDay: 200_000,
    ask,
  },
  { use: "four-eyes", name: "pair", ...one, ask: { ...ask, count: 2 } },
  { use: "freeze", name: "year-end", tools: [], zone: "Europe/Berlin", from: 20261220, to: 20270102, production: true },
  { use: "change-window", name: "window", ...one, hours: berlin },
  { use: "business-hours", name: "hours", ...one, hours: berlin, ask },
  { use: "step-limit", name: "steps", ...one, argument: "amount", current: "/structuredContent/amount", most: 10 },
  { use: "first-time-target", name: "new", ...one, ask },
  { use: "done-before", name: "after", ...one, done: "helpdesk.search_tickets", within: "1h" },
  {
    ...{ use: "right-after", name: "next", ...one, done: ["helpdesk.search_tickets"], may: "only" },
    ...{ per: "run", within: "1h" },
  },
  {
    ...{ use: "right-after", name: "apart", ...one, done: [refund, "helpdesk.search_tickets"], may: "never" },
    ...{ per: "target", within: "1h" },
  },
  { use: "call-limit", name: "rate", ...one, most: 3, per: "workflow", within: "1h" },
  { use: "object-limit", name: "cap", ...one, argument: "to", most: 500, per: "run", within: "24h" },
  { use: "expires", name: "until", ...one, zone: "UTC", until: 20261130 },
  { use: "only-within", name: "scope", ...one, environments: ["sandbox"], targets: ["ticket/"] },
] as unknown as readonly Guardrail[];

const egress: Guardrail = {
  use: "egress",
  name: "outside",
  tools: [refund],
  argument: "to",
  domains: ["acme.example"],
  labels: [],
};

function rules(...guardrails: readonly Guardrail[]): WorkflowRules {
  return { ...support, allow: [...support.allow, refund], ask: [], guardrails };
}

const named = (name: string): Guardrail => examples.find((each) => each.name === name) as Guardrail;
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function roundTrip(guardrail: Guardrail): unknown {
  const texts = guardrailToCedar("support-replies", guardrail);
  const policies = texts.map((text) => ({ id: /@id\("([^"]*)"\)/.exec(text)?.[1] ?? "", text }));
  return guardrailsFromCedar(policies);
}

describe("templates of guardrails", () => {
  it("compile, each of them, against the schema of the tools, and come back from the compiled set", async () => {
    const policies = await acme("", { workflows: [rules(...examples)] });
    const read = guardrailsFromCedar(policies.policies);
    expect(policies.policies.filter((policy) => policy.annotations.template !== undefined)).toHaveLength(16);
    const byName = new Map(read.map(({ guardrail }) => [guardrail.name, guardrail]));
    const { production: _, ...refunds } = named("refunds") as Guardrail & { production: boolean };
    expect(byName.get("refunds")).toEqual(refunds);
    expect(byName.size).toBe(examples.length);
  });

  it("are read as they are written", () => {
    const [text] = guardrailToCedar("support-replies", named("window"));
    expect(text).toBe(`@id("support-replies/guardrail/window")
@title("support-replies has a change window for helpdesk.draft_refund")
@template("change-window")
forbid (principal in Workflow::"support-replies", action in [Action::"helpdesk.draft_refund"], resource)
unless { [1, 2, 3, 4, 5].contains(context.local["Europe/Berlin"].weekday) && context.local["Europe/Berlin"].minute >= 540 && context.local["Europe/Berlin"].minute < 1020 };`);
  });

  it("are no template any more once somebody changed their Cedar by hand", () => {
    const [text = ""] = guardrailToCedar("w", named("year-end"));
    const id = "w/guardrail/year-end";
    expect(guardrailsFromCedar([{ id, text }])).toHaveLength(1);
    for (const changed of [
      text.replace(">= 2026", "> 2026"),
      text.replace("unless", "when"),
      text.replace(";", " when { true };"),
    ].filter((other) => other !== text))
      expect(guardrailsFromCedar([{ id, text: changed }])).toEqual([]);
  });

  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
  const tool = fc.stringMatching(/^[a-z]{1,8}\.[a-z_]{1,12}$/);
  const toolList = fc.uniqueArray(tool, { minLength: 1, maxLength: 4 });
  const duration = fc
    .tuple(fc.integer({ min: 1, max: 24 }), fc.constantFrom("m", "h", "d"))
    .map(([n, u]) => `${n}${u}`);
  const argument = fc.stringMatching(/^[a-z_][A-Za-z0-9_]{0,10}$/).map((text) => `${text}_`);
  const asking = fc.record({
    from: fc.constantFrom("support-leads", "dri", "ana@acme.example"),
    count: fc.integer({ min: 1, max: 10 }),
    open: duration,
    valid: duration,
    exclude: fc.constantFrom([], ["requester"], ["owner"], ["requester", "owner"]),
  });
  const hours = fc.record({
    zone: fc.constantFrom("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"),
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 719 }),
    to: fc.integer({ min: 720, max: 1440 }),
  });
  const overMidnight = hours.map((one) => ({ ...one, from: one.to, to: one.from }));
  const production = fc.boolean();
  const cents = fc.integer({ min: 0, max: 100_000_000 });
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}[a-z./:-]{0,6}$/), { minLength: 1, maxLength: 3 });
  const use = <T extends string>(text: T) => fc.constant(text);
  const arbitrary = fc.oneof(
    fc
      .record(
        {
          use: use("refund-limits"),
          name,
          tools: toolList,
          amount: argument,
          in: fc.constantFrom("cents", "whole", "decimal"),
          currency: fc.record({ code: fc.stringMatching(/^[A-Z]{3}$/), argument }),
          aloneUnder: cents,
          upTo: cents.map((one) => one + 1),
          perDay: cents,
          ask: asking,
        },
        { requiredKeys: ["use", "name", "tools", "amount", "in", "aloneUnder", "upTo", "ask"] },
      )
      .map((one) => (one.in === "whole" ? { ...one, aloneUnder: one.aloneUnder * 100, upTo: one.upTo * 100 } : one)),
    fc.record({ use: use("four-eyes"), name, tools: toolList, production, ask: asking }),
    fc.record({
      use: use("freeze"),
      name,
      tools: fc.oneof(toolList, fc.constant([])),
      zone: fc.constantFrom("UTC", "Europe/Paris"),
      from: fc.constant(20261220),
      to: fc.integer({ min: 20261220, max: 20991231 }),
      production,
    }),
    fc.record({ use: use("change-window"), name, tools: toolList, production, hours: fc.oneof(hours, overMidnight) }),
    fc.record({
      use: use("business-hours"),
      name,
      tools: toolList,
      production,
      hours: fc.oneof(hours, overMidnight),
      ask: asking,
    }),
    fc.record({
      use: use("step-limit"),
      name,
      tools: toolList,
      argument,
      current: fc.constantFrom("/a", "/structuredContent/percentage"),
      most: fc.integer({ min: 1, max: 1000 }),
      production,
    }),
    fc.record({
      use: use("egress"),
      name,
      tools: toolList,
      argument,
      domains: words,
      labels: fc.oneof(words, fc.constant([])),
    }),
    fc
      .record({
        use: use("data-egress"),
        name,
        tools: toolList,
        domains: words,
        labels: fc.oneof(words, fc.constant([])),
        read: fc.uniqueArray(fc.record({ argument, by: fc.constantFrom("domains", "hosts") }), {
          selector: (one) => one.argument,
          minLength: 1,
          maxLength: 3,
        }),
      })
      .map(({ read, ...one }) => ({
        ...one,
        destinations: one.tools.flatMap((tool) => read.map((place) => ({ tool, ...place }))),
      })),
    fc.record({ use: use("first-time-target"), name, tools: toolList, ask: asking }),
    fc.record(
      { use: use("done-before"), name, tools: toolList, done: tool, within: duration, since: tool, production },
      { requiredKeys: ["use", "name", "tools", "done", "within", "production"] },
    ),
    fc.record({
      use: use("right-after"),
      name,
      tools: toolList,
      done: toolList,
      may: fc.constantFrom("only", "never"),
      per: fc.constantFrom("workflow", "agent", "run", "target"),
      within: duration,
      production,
    }),
    fc.record({
      use: use("call-limit"),
      name,
      tools: toolList,
      most: fc.integer({ min: 1, max: 9999 }),
      per: fc.constantFrom("workflow", "agent", "run", "target"),
      within: duration,
    }),
    fc.record({
      use: use("object-limit"),
      name,
      tools: toolList,
      argument,
      most: fc.integer({ min: 1, max: 9999 }),
      per: fc.constantFrom("workflow", "agent", "run", "target"),
      within: duration,
    }),
    fc.record({
      use: use("expires"),
      name,
      tools: toolList,
      zone: fc.constantFrom("UTC", "Europe/Paris"),
      until: fc.integer({ min: 20260101, max: 20991231 }),
    }),
    fc.record({
      use: use("only-within"),
      name,
      tools: toolList,
      environments: words,
      targets: fc.oneof(words, fc.constant([])),
    }),
  ) as fc.Arbitrary<Guardrail>;

  it("go to Cedar and back with any parameters, and to the same Cedar again", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(arbitrary, (guardrail) => {
        seen.add(guardrail.use);
        const read = roundTrip(guardrail) as readonly { guardrail: Guardrail }[];
        expect(read).toEqual([{ workflow: "support-replies", guardrail: plain(guardrail) }]);
        expect(guardrailToCedar("support-replies", read[0]?.guardrail as Guardrail)).toEqual(
          guardrailToCedar("support-replies", guardrail),
        );
      }),
      { numRuns: 500 },
    );
    expect(seen.size).toBe(15);
  });

  it("say what does not fit the tools: an argument that is not there, of another type, a zone, a person, domains that nobody parses", async () => {
    const faultsOf = async (guardrail: Guardrail) => {
      const compiled = await tryCompile({
        revision: 1,
        workflows: [rules(guardrail)],
        own: [],
        tools,
        groups: ["support-leads"],
        checks: [],
      });
      return compiled.ok
        ? []
        : compiled.faults.map((fault) => `${fault.detail}${fault.help === undefined ? "" : `; ${fault.help}`}`);
    };
    const refunds = named("refunds");
    expect(await faultsOf({ ...refunds, amount: "amont" } as Guardrail)).toEqual([
      "`helpdesk.draft_refund` has no argument `amont`; did you mean `amount`?",
    ]);
    expect(await faultsOf({ ...refunds, in: "decimal" } as Guardrail)).toEqual([
      "argument `amount` of `helpdesk.draft_refund` is not a number",
    ]);
    expect(await faultsOf({ ...refunds, aloneUnder: 60_000 } as Guardrail)).toEqual([
      "guardrail `refunds` lets more through alone than it allows at all; `aloneUnder` is at most `upTo`",
    ]);
    expect(await faultsOf({ ...named("year-end"), zone: "Europe/Berln" } as Guardrail)).toEqual([
      "there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?",
    ]);
    expect(await faultsOf({ ...named("pair"), ask: { ...ask, from: "suport-leads" } } as Guardrail)).toEqual([
      "there is no group `suport-leads` to approve; did you mean `support-leads`?",
    ]);
    expect(await faultsOf({ ...named("pair"), tools: ["helpdesk.draft_refnd"] } as Guardrail)).toEqual([
      "guardrail `pair` names `helpdesk.draft_refnd`, which the workflow does not grant; did you mean `helpdesk.draft_refund`?",
    ]);
    expect(await faultsOf(egress)).toEqual([
      "argument `to` of `helpdesk.draft_refund` is not read as typed `domains` by the catalog",
    ]);
  });

  it("egress lets through what goes to the named domains and nothing else, where the catalog reads domains", async () => {
    const typed = { type: "object", properties: { domains: { type: "array", items: { type: "string" } } } };
    const shapes = tools.map((each) => (each.id === refund ? { ...each, projected: { to: typed } } : each));
    const policies = await acme("", { workflows: [rules(egress)], tools: shapes });
    const effect = (args: object) =>
      decide(asks({ tool: refund, verb: "propose", args: args as never }), policies).effect;
    expect(effect({ to: { domains: ["acme.example"] } })).toBe("allow");
    expect(effect({ to: { domains: ["acme.example", "evil.example"] } })).toBe("deny");
    expect(effect({ to: { domains: [] } })).toBe("deny");
    expect(effect({ to: {} })).toBe("deny");
    expect(effect({})).toBe("deny");
  });
});

it("a tool whose review does not show what a guardrail reads is refused, and harms nothing else", async () => {
  const guardrail = named("refunds");
  const blind = tools.map((each) => (each.id === refund ? { ...each, inputSchema: { type: "object" } } : each));
  const policies = await acme("", { workflows: [rules(guardrail)], tools: blind, absent: "expect" });
  const decided = (tool: string, verb: "read" | "propose", args = {}) => decide(asks({ tool, verb, args }), policies);
  expect(decided(refund, "propose", { amount: 1 })).toMatchObject({ effect: "deny", errors: [] });
  expect(decided(refund, "propose", { amount: 1 }).sentence).toContain("waits until helpdesk.draft_refund is reviewed");
  expect(decided("helpdesk.search_tickets", "read").effect).toBe("allow");
});

describe("what a template says of calls", () => {
  const effectOf = async (guardrail: Guardrail) => {
    const policies = await acme("", { workflows: [rules(guardrail)] });
    return (asked: Parameters<typeof asks>[0]) => {
      const decision = decide(asks({ tool: refund, verb: "propose", tier: 1, ...asked }), policies);
      return decision.errors.length > 0 ? "error" : decision.effect;
    };
  };

  it("refund limits: alone under 50, with a lead up to 500, never above, never without an amount", async () => {
    const guardrail = named("refunds");
    const policies = await acme("", { workflows: [rules(guardrail)] });
    const day = "support-replies/guardrail/refunds/day";
    const decided = (amount: number | undefined, sum: number | undefined, approved = false) =>
      decide(
        asks({
          tool: refund,
          verb: "propose",
          args: amount === undefined ? {} : { amount },
          facts: {
            ...(sum === undefined ? {} : { sums: { [day]: sum } }),
            approvals: approved ? [approval(policies, "support-replies/guardrail/refunds/approval")] : [],
          },
        }),
        policies,
      ).effect;
    expect([decided(4999, 4999), decided(5000, 5000), decided(50_000, 50_000), decided(50_001, 50_001)]).toEqual([
      "allow",
      "require",
      "require",
      "deny",
    ]);
    expect([decided(50_000, 50_000, true), decided(50_001, 50_001, true)]).toEqual(["allow", "deny"]);
    expect([decided(0, 0), decided(-5, 0), decided(undefined, 0)]).toEqual(["deny", "deny", "deny"]);
    expect([decided(100, 200_000), decided(100, 200_001), decided(100, undefined)]).toEqual(["allow", "deny", "deny"]);
  });

  it("a change window is read from local clocks, on both sides of the change to winter time", async () => {
    const effect = await effectOf(named("window"));
    // Friday before the clocks change: 9:00 in Berlin is 7:00 UTC; Monday after it is 8:00 UTC.
    expect([effect({ at: "2026-10-23T06:59:59.999Z" }), effect({ at: "2026-10-23T07:00:00.000Z" })]).toEqual([
      "deny",
      "allow",
    ]);
    expect([effect({ at: "2026-10-26T07:59:59.999Z" }), effect({ at: "2026-10-26T08:00:00.000Z" })]).toEqual([
      "deny",
      "allow",
    ]);
    expect([effect({ at: "2026-10-23T15:00:00.000Z" }), effect({ at: "2026-10-24T10:00:00.000Z" })]).toEqual([
      "deny",
      "deny",
    ]);
  });

  it.each(["window", "hours"])(
    "hours over midnight, of `%s`, are those of the night that begins on their day",
    async (name) => {
      const nights = { zone: "UTC", from: 1320, to: 360 };
      const opens = async (days: readonly number[], ...moments: readonly string[]) => {
        const effect = await effectOf({ ...named(name), hours: { ...nights, days } } as Guardrail);
        return moments.map((moment) => effect({ at: `${moment}:00.000Z` }) === "allow");
      };
      // Friday the 23rd; the night before it is none of the window's, the one after it is.
      expect(await opens([5], "2026-10-23T00:00", "2026-10-23T05:59", "2026-10-23T21:59")).toEqual([
        false,
        false,
        false,
      ]);
      expect(await opens([5], "2026-10-23T22:00", "2026-10-24T00:00", "2026-10-24T05:59")).toEqual([true, true, true]);
      expect(await opens([5], "2026-10-24T06:00", "2026-10-24T22:00", "2026-10-25T00:00")).toEqual([
        false,
        false,
        false,
      ]);
      // Sunday's night ends on Monday.
      expect(await opens([7], "2026-10-25T00:00", "2026-10-25T22:00", "2026-10-26T05:59")).toEqual([false, true, true]);
    },
  );

  it("a freeze begins and ends with the days of its zone, and only where production is meant", async () => {
    const effect = await effectOf({ ...named("year-end"), tools: [refund] } as Guardrail);
    const at = (moment: string, production = true) => effect({ at: moment, production, verb: "propose" });
    expect([at("2026-12-19T22:59:59.000Z"), at("2026-12-19T23:00:00.000Z")]).toEqual(["allow", "deny"]);
    expect([at("2027-01-02T22:59:59.000Z"), at("2027-01-02T23:00:00.000Z")]).toEqual(["deny", "allow"]);
    expect(at("2026-12-25T12:00:00.000Z", false)).toBe("allow");
  });

  it("MT-107 a grant with a last day ends with it, by itself", async () => {
    const effect = await effectOf(named("until"));
    expect([effect({ at: "2026-11-30T23:59:59.999Z" }), effect({ at: "2026-12-01T00:00:00.000Z" })]).toEqual([
      "allow",
      "deny",
    ]);
  });

  it("MT-36 the 501st object is refused where the cap is 500", async () => {
    const effect = await effectOf(named("cap"));
    const id = "support-replies/guardrail/cap";
    expect([500, 501].map((sum) => effect({ facts: { sums: { [id]: sum } } }))).toEqual(["allow", "deny"]);
  });

  it("a step, a count and an earlier call are facts, and what is not known denies", async () => {
    const steps = await effectOf(named("steps"));
    const id = (name: string) => `support-replies/guardrail/${name}`;
    expect([10, 11].map((step) => steps({ facts: { steps: { [id("steps")]: step } } }))).toEqual(["allow", "deny"]);
    expect(steps({})).toBe("error");
    const rate = await effectOf(named("rate"));
    expect([3, 4].map((count) => rate({ facts: { counts: { [id("rate")]: count } } }))).toEqual(["allow", "deny"]);
    expect(rate({})).toBe("error");
    const after = await effectOf(named("after"));
    expect([
      after({ facts: { formerly: [id("after")] } }),
      after({ facts: { formerly: [id("new")] } }),
      after({}),
    ]).toEqual(["allow", "deny", "deny"]);
    const next = await effectOf(named("next"));
    const last = (...names: readonly string[]) => ({ facts: { previous: names.map(id) } });
    expect([next(last("next")), next(last("apart")), next({})]).toEqual(["allow", "deny", "deny"]);
    expect(next({ facts: { formerly: [id("next")] } })).toBe("deny");
    const apart = await effectOf(named("apart"));
    expect([apart(last("apart")), apart(last("next")), apart({})]).toEqual(["deny", "allow", "allow"]);
    const first = await effectOf(named("new"));
    expect([first({ facts: { formerly: [id("new")] } }), first({})]).toEqual(["allow", "require"]);
  });
});
