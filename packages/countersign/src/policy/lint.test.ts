import { describe, expect, it } from "vitest";
import { acme, support } from "./acme.fixture.ts";
import { lint } from "./lint.ts";

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
    expect(await found(`${forbid("all", "")} ${forbid("one", amount(1))}`)).toContain("shadowed one by all");
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
