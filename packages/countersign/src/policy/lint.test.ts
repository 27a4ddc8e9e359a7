import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, it } from "vitest";
import { acme, support } from "./acme.fixture.ts";
import { lint } from "./lint.ts";
import type { CompiledPolicy, PolicySource } from "./policy.ts";
import { review } from "./review.ts";

const forbid = (id: string, rest: string, scope = `principal, action == Action::"helpdesk.draft_refund", resource`) =>
  `@id("${id}") forbid (${scope}) ${rest};`;
const amount = (limit: number, operator = ">") =>
  `when { context.args has amount && context.args.amount ${operator} ${limit} }`;
const asks = (id: string, count: number, rest = "") =>
  `@id("${id}") @cure("approval") @from("sre") @count("${count}") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action == Action::"helpdesk.draft_refund", resource) ${rest} unless { context.facts.cured.contains("${id}") };`;

async function found(own: string, more: Parameters<typeof acme>[1] = {}): Promise<readonly string[]> {
  const { policies } = await acme(own, more);
  return lint(policies).map(({ kind, policy, by }) => `${kind} ${policy}${by === undefined ? "" : ` by ${by}`}`);
}

describe("MT-192 rules that say nothing new", () => {
  it("are none in a clean set: the shipped policies, two workflows and guardrails that differ", async () => {
    expect(await found("")).toEqual([]);
    expect(
      await found(`${forbid("above", amount(500))} ${forbid("below", amount(0, "<"))} ${asks("asked", 1, amount(50))}`),
    ).toEqual([]);
  });

  it("a planted guardrail behind a wider one is found, and none of the clean ones with it", async () => {
    expect(await found(`${forbid("above-500", amount(500))} ${forbid("above-900", amount(900))}`)).toEqual([
      "shadowed above-900 by above-500",
    ]);
    expect(await found(`${forbid("at-least", amount(501, ">="))} ${forbid("above", amount(500))}`)).toEqual([
      "shadowed at-least by above",
    ]);
    expect(await found(`${forbid("all", "")} ${forbid("one", "when { context.run.tainted }")}`)).toContain(
      "shadowed one by all",
    );
  });

  it("the negation of a comparison is the opposite one", async () => {
    const unless = "when { context.args has amount } unless { context.args.amount <= 500 }";
    expect(await found(`${forbid("above", amount(500))} ${forbid("unless", unless)}`)).toEqual([
      "shadowed unless by above",
    ]);
  });

  it("a tool that a workflow allows and a guardrail always refuses is found", async () => {
    const scope = `principal in Workflow::"support-replies", action == Action::"helpdesk.draft_reply", resource`;
    expect(await found(forbid("no-replies", "", scope))).toEqual([
      "shadowed support-replies/allow/helpdesk.draft_reply by no-replies",
    ]);
  });

  it("people who are asked twice for the same call are found; more people, or others, are another question", async () => {
    expect(await found(`${asks("one", 1)} ${asks("two", 2)}`)).toEqual(["overlap one by two"]);
    expect(await found(`${asks("one", 1)} ${asks("other", 1).replace('"sre"', '"support-leads"')}`)).toEqual([]);
  });

  it("what the two forms do not tell is no finding", async () => {
    expect(
      await found(
        `${forbid("narrow", amount(500), `principal == Agent::"support-bot", action == Action::"helpdesk.draft_refund", resource`)} ${forbid("other", amount(900))}`,
      ),
    ).toEqual([]);
    expect(
      await found(
        `${forbid("a", 'when { resource.labels.contains("x") }')} ${forbid("b", 'when { resource.labels.contains("y") }')}`,
      ),
    ).toEqual([]);
  });

  it("what decided nothing is unused, where somebody looked", async () => {
    const { policies } = await acme(forbid("above", amount(500)), { workflows: [support] });
    const decided = new Set(policies.map((policy) => policy.id).filter((id) => id !== "above"));
    expect(lint(policies, decided).map(({ kind, policy }) => `${kind} ${policy}`)).toEqual(["unused above"]);
    expect(lint(policies, new Set([...decided, "above"]))).toEqual([]);
  });
});

type Text = readonly [id: string, text: string, source?: PolicySource];

/** Policies that are reviewed and not compiled: what lint reads of them is there. */
function made(...texts: readonly Text[]): readonly CompiledPolicy[] {
  return texts.map(([id, rest, source = "own"]) => {
    const text = `@id("${id}") ${rest};`;
    const read = cedar.policyToJson(text);
    if (read.type === "failure") throw new Error(read.errors[0]?.message);
    const one = review({ source, file: `${id}.cedar`, text, offset: 0, line: 1, column: 1, syntax: read.json }, {});
    if (Array.isArray(one)) throw new Error(one[0]?.detail);
    return one as CompiledPolicy;
  });
}
const said = (...texts: readonly Text[]) =>
  lint(made(...texts)).map(({ kind, policy, by }) => `${kind} ${policy} by ${by}`);
const everything = "(principal, action, resource)";
const cure = (id: string, more: { readonly [name: string]: string } = {}, rest = "") => {
  const given = { from: "sre", count: "1", open: "4h", valid: "1h", exclude: "requester", ...more };
  const annotations = Object.entries(given).map(([name, value]) => `@${name}("${value}")`);
  return `@cure("approval") ${annotations.join(" ")} forbid ${everything} ${rest} unless { context.facts.cured.contains("${id}") }`;
};
const check = (id: string, name: string, age = "15m") =>
  `@cure("check") @check("${name}") @age("${age}") forbid ${everything} unless { context.facts.cured.contains("${id}") }`;
const wait = (id: string, until: string) =>
  `@cure("wait") @until("${until}") forbid ${everything} unless { context.facts.cured.contains("${id}") }`;
const when = (condition: string) => `forbid ${everything} when { ${condition} }`;
const unless = (condition: string) => `forbid ${everything} unless { ${condition} }`;
const permit = (tool: string, more = "") =>
  `${more} permit (principal in Workflow::"w", action in [Action::"${tool}"], resource)`;

describe("a finding", () => {
  it("says what stands in front, in which file, and what that means", () => {
    expect(lint(made(["a", `forbid ${everything}`], ["b", when("context.run.tainted")]))).toEqual([
      {
        kind: "shadowed",
        policy: "b",
        file: "b.cedar",
        by: "a",
        sentence: "never decides: `a` refuses every such call already",
      },
    ]);
    expect(lint(made(["a", `forbid ${everything}`], ["p", permit("x.y"), "workflow"]))).toEqual([
      {
        kind: "shadowed",
        policy: "p",
        file: "p.cedar",
        by: "a",
        sentence: "allows nothing: `a` refuses every such call",
      },
    ]);
    expect(lint(made(["p", permit("x.y"), "workflow"], ["q", permit("x.y"), "workflow"]))).toEqual([
      { kind: "overlap", policy: "q", file: "q.cedar", by: "p", sentence: "says again what `p` says" },
    ]);
    expect(lint(made(["a", cure("a")], ["b", cure("b")]))).toEqual([
      {
        kind: "overlap",
        policy: "b",
        file: "b.cedar",
        by: "a",
        sentence: "asks the same people for the same calls as `a`",
      },
    ]);
    expect(lint(made(["a", when("context.args has x")]), new Set())).toEqual([
      { kind: "unused", policy: "a", file: "a.cedar", sentence: "decided nothing in the time that was looked at" },
    ]);
  });

  it("is about people's own rules that bite, in the order of their ids", () => {
    const observed = made(["a", `@mode("observe") forbid ${everything}`], ["b", when("context.args has x")]);
    expect(lint(observed)).toEqual([]);
    expect(said(["a", `forbid ${everything}`, "shipped"], ["b", `forbid ${everything}`, "shipped"])).toEqual([]);
    expect(
      said(
        ["z", when("context.facts.stopped")],
        ["y", when("context.run.tainted")],
        ["a", `forbid ${everything}`, "shipped"],
      ),
    ).toEqual(["shadowed y by a", "shadowed z by a"]);
  });

  it("is none where the narrower reads an argument that the wider does not: without a form it denies only where it is read", () => {
    const production = "when { resource.environment.production }";
    const wide = `forbid ${everything} ${production}`;
    for (const read of ['context.args has x && context.args.x == ""', "context.args has parsed", "context.args == {}"])
      expect(said(["a", wide], ["b", `${wide} when { ${read} }`])).toEqual([]);
    const reading = `${wide} when { context.args has x }`;
    expect(said(["a", reading], ["b", `${reading} when { context.args.x == "" }`])).toEqual(["shadowed b by a"]);
    expect(said(["a", reading], ["b", `${reading} when { context.args has y }`])).toEqual([]);
    const whole = `${wide} when { context.args == {} }`;
    expect(said(["a", whole], ["b", `${whole} when { context.args has x }`])).toEqual(["shadowed b by a"]);
    const granted = ["b", `${permit("x.y")} when { context.args has x }`, "workflow"] as const;
    expect(said(["a", permit("x.y"), "workflow"], granted)).toEqual([]);
  });

  it("of two that say the same is about the later, and about the own one where the other ships", () => {
    expect(said(["a", when("context.args has x")], ["b", when("context.args has x")])).toEqual(["shadowed b by a"]);
    expect(said(["a", when("context.args has x")], ["b", when("context.args has x"), "shipped"])).toEqual([
      "shadowed a by b",
    ]);
  });

  it("holds of the scope: everybody, every action and everything are wider than one", () => {
    const scoped = (scope: string) => `forbid (${scope})`;
    const narrow = scoped('principal == Agent::"x", action == Action::"a.b", resource == Target::"t"');
    for (const wide of [
      'principal, action == Action::"a.b", resource',
      'principal == Agent::"x", action, resource',
      'principal == Agent::"x", action in [Action::"c.d", Action::"a.b"], resource == Target::"t"',
      'principal == Agent::"x", action in [Action::"read", Action::"propose", Action::"execute"], resource',
    ])
      expect(said(["n", narrow], ["w", scoped(wide)]), wide).toEqual(["shadowed n by w"]);
    for (const other of [
      'principal == Agent::"y", action == Action::"a.b", resource',
      'principal, action == Action::"c.d", resource',
      'principal, action == Action::"a.b", resource == Target::"u"',
      'principal, action in [Action::"read", Action::"propose"], resource',
    ])
      expect(said(["n", narrow], ["w", scoped(other)]), other).toEqual([]);
    expect(
      said(
        ["n", `forbid (principal, action, resource)`],
        ["w", scoped('principal, action == Action::"a.b", resource')],
      ),
    ).toEqual(["shadowed w by n"]);
  });

  it.each<[string, string, boolean]>([
    [when("context.args.n > 5"), when("context.args.n > 5"), true],
    [when("context.args.n > 6"), when("context.args.n > 5"), true],
    [when("context.args.n > 5"), when("context.args.n > 6"), false],
    [when("context.args.n >= 6"), when("context.args.n > 5"), true],
    [when("context.args.n >= 5"), when("context.args.n > 5"), false],
    [when("context.args.n > 5"), when("context.args.n >= 6"), true],
    [when("context.args.n > 4"), when("context.args.n >= 6"), false],
    [when("context.args.n < 5"), when("context.args.n < 6"), true],
    [when("context.args.n < 6"), when("context.args.n < 5"), false],
    [when("context.args.n <= 5"), when("context.args.n < 6"), true],
    [when("context.args.n <= 6"), when("context.args.n < 6"), false],
    [when("context.args.n < 5"), when("context.args.n > 5"), false],
    [when("context.args.m > 6"), when("context.args.n > 5"), false],
    [when("context.args.n > context.args.m"), when("context.args.n > context.args.m"), true],
    [when("context.args.n > context.args.m"), when("context.args.n > 5"), false],
    [unless("context.args.n <= 6"), when("context.args.n > 5"), true],
    [unless("context.args.n < 6"), when("context.args.n >= 6"), true],
    [unless("context.args.n > 5"), when("context.args.n <= 5"), true],
    [unless("context.args.n >= 5"), when("context.args.n < 5"), true],
    [when("!(context.args.n <= 6)"), when("context.args.n > 5"), true],
    [when("!!(context.args.n > 6)"), when("context.args.n > 5"), true],
    [unless("!(context.args.n > 6)"), when("context.args.n > 5"), true],
    [when("!(context.args has n)"), unless("context.args has n"), true],
    [when("context.args has n && context.args.n > 6"), when("context.args.n > 5"), true],
    [when("context.args.n > 5"), when("context.args has n && context.args.n > 5"), false],
    [unless("context.args has n || context.args.n < 6"), unless("context.args has n"), true],
    [when("context.args has n || context.args has m"), when("context.args has n"), false],
    [unless("context.args has n && context.args has m"), unless("context.args has n"), false],
    [when("context.args.n == 5"), when("context.args.n > 4"), false],
  ])("that `%s` is behind `%s`: told by their form alone", (narrow, wide, isBehind) => {
    const first = made(["n", narrow]);
    const [second] = made(["a", wide]);
    const found = lint([...first, second as CompiledPolicy]);
    expect(found.some(({ policy, by }) => policy === "n" && by === "a")).toBe(isBehind);
  });

  it.each<[string, string, string, boolean]>([
    ["one person and two of the same group", cure("n"), cure("a", { count: "2" }), true],
    ["two and one", cure("n", { count: "2" }), cure("a"), false],
    ["another group", cure("n"), cure("a", { from: "ops" }), false],
    ["an answer that stands longer", cure("n"), cure("a", { valid: "2h" }), false],
    ["an answer that stands shorter", cure("n"), cure("a", { valid: "30m" }), true],
    ["who may not answer", cure("n", { exclude: "requester,owner" }), cure("a"), false],
    ["who else may not answer", cure("n"), cure("a", { exclude: "requester,owner" }), true],
    ["a passkey's signature always", cure("n"), cure("a", { passkey: "always" }), true],
    ["one where it matters", cure("n", { passkey: "always" }), cure("a"), false],
    ["none, and one where it matters", cure("n", { passkey: "never" }), cure("a"), true],
    ["one where it matters, and none", cure("n"), cure("a", { passkey: "never" }), false],
    ["one always, and none", cure("n", { passkey: "always" }), cure("a", { passkey: "never" }), false],
    ["none, and none", cure("n", { passkey: "never" }), cure("a", { passkey: "never" }), true],
    ["a person beside one for whom a grant may stand", cure("n"), cure("a", { grants: "yes" }), false],
    ["a grant's stead beside a person", cure("n", { grants: "yes" }), cure("a"), true],
    ["a grant's stead, and the same", cure("n", { grants: "yes" }), cure("a", { grants: "yes" }), true],
    ["one everywhere beside one", cure("n", { grants: "production" }), cure("a", { grants: "yes" }), true],
    ["one beside one everywhere", cure("n", { grants: "yes" }), cure("a", { grants: "production" }), false],
    ["a check and people", check("n", "plan"), cure("a"), false],
    ["the same check, older", check("n", "plan"), check("a", "plan", "1h"), false],
    ["the same check, fresher", check("n", "plan"), check("a", "plan", "5m"), true],
    ["another check", check("n", "plan"), check("a", "secrets"), false],
    ["a later instant", wait("n", "2027-01-01T00:00:00Z"), wait("a", "2027-02-01T00:00:00Z"), true],
    ["the same instant", wait("n", "2027-01-01T00:00:00Z"), wait("a", "2027-01-01T00:00:00Z"), true],
    ["the same answer in the same time", cure("n"), cure("a"), true],
    ["the same check", check("n", "plan"), check("a", "plan"), true],
    ["an earlier instant", wait("n", "2027-01-01T00:00:00Z"), wait("a", "2026-12-01T00:00:00Z"), false],
    ["people, of fewer calls", cure("n"), cure("a", {}, "when { context.args has x }"), false],
    ["people, of more calls", cure("n", {}, "when { context.run.tainted }"), cure("a"), true],
    [
      "people, by an argument that the other does not read",
      cure("n", {}, "when { context.args has x }"),
      cure("a"),
      false,
    ],
  ])("of what is asked: %s", (_, narrow, wide, isAgain) => {
    const found = lint(made(["n", narrow], ["a", wide]));
    expect(found.some(({ kind, policy, by }) => kind === "overlap" && policy === "n" && by === "a")).toBe(isAgain);
  });

  it("is none of a grant with an obligation, nor of one effect beside another", () => {
    const redact = '@obligation("redact") @redact("personal")';
    expect(said(["p", permit("x.y", redact), "workflow"], ["q", permit("x.y"), "workflow"])).toEqual([]);
    expect(said(["p", permit("x.y"), "workflow"], ["q", permit("x.y", redact), "workflow"])).toEqual([]);
    expect(said(["p", permit("x.y"), "workflow"], ["q", permit("x.z"), "workflow"])).toEqual([]);
    expect(said(["p", permit("x.y"), "workflow"], ["a", cure("a")])).toEqual([]);
  });
});
