import type { DecisionInput } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { approval, asks } from "./acme.fixture.ts";
import { inputFaults } from "./input-faults.ts";

const whole = asks({ tool: "helpdesk.draft_refund", verb: "execute" });
const none = { ...approval({ policies: [] } as never, "p"), vouchedBy: ["dana@acme.example"] };
const full: DecisionInput = {
  ...whole,
  principal: { ...whole.principal, onBehalfOf: "lea@acme.example", vouchedBy: ["dana@acme.example"], groups: ["sre"] },
  resource: { ...whole.resource, owner: "olu@acme.example", labels: ["customer"] },
  facts: {
    ...whole.facts,
    signals: ["odd"],
    approvals: [none],
    formerly: ["p"],
    previous: ["p"],
    counts: { p: 1 },
    sums: { p: 2 },
    steps: { p: 3 },
    reach: { objects: 1, money: { minor: 5, currency: "EUR" } },
    flow: {
      effect: "egress",
      brings: "public",
      tainted: true,
      sources: [{ tool: "mail.read", action: "act_1" }],
      read: ["secret"],
      beyond: ["secret"],
      origins: ["none"],
    },
  },
  run: { ...whole.run, task: "answer", parent: "run_1", planned: true },
};

/** The input with one member, by its way, of another value. */
function put(way: string, value: unknown): DecisionInput {
  const changed = structuredClone(full) as unknown as Record<string, unknown>;
  const names = way.split(".");
  const last = names.pop() ?? "";
  const holder = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, changed);
  holder[last] = value;
  return changed as unknown as DecisionInput;
}

const text = "a name in the input is no text";
const number = "a number in the input is no integer";
const flag = "a yes or no in the input is neither";
const money = "an amount of money in the input is none";

describe("an input", () => {
  it("has no faults as the hall makes it, with all that may be there and with as little", () => {
    expect(inputFaults(full)).toEqual([]);
    expect(inputFaults(whole)).toEqual([]);
    const { flow: _, ...facts } = whole.facts;
    expect(inputFaults({ ...whole, facts: facts as DecisionInput["facts"] })).toEqual([]);
    expect(inputFaults(put("facts.flow", { effect: "read", brings: "internal" }))).toEqual([]);
    for (const stage of ["list", "call", "resume", "release"]) expect(inputFaults(put("stage", stage))).toEqual([]);
    for (const verb of ["read", "propose", "execute"]) expect(inputFaults(put("action.verb", verb))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["v", 2, "the version of the input is not 1"],
    ["v", "1", "the version of the input is not 1"],
    ["action.verb", "delete", "the verb is not known"],
    ["stage", "maybe", "the stage is not known"],
    ["at", "soon", "the time of the decision is not known"],
    ["at", 1_764_000_000_000, "the time of the decision is not known"],
    ...[
      ...["principal.agent", "principal.workflow", "principal.dri", "principal.owner", "action.tool"],
      ...["action.definitionDigest", "resource.system", "resource.target", "resource.environment.name", "argsDigest"],
      ...["callDigest", "principal.groups.0", "principal.vouchedBy.0", "facts.approvals.0.vouchedBy.0"],
      ...["resource.labels.0", "facts.signals.0", "facts.formerly.0", "facts.flow.effect", "facts.flow.sources.0.tool"],
      ...["facts.previous.0", "facts.flow.read.0", "facts.flow.beyond.0", "facts.flow.origins.0"],
    ].flatMap((way): [string, unknown, string][] => [
      [way, 7, text],
      [way, undefined, text],
      [way, "\ud800", text],
    ]),
    ...[
      "principal.vouchedBy",
      "facts.formerly",
      "facts.previous",
      "facts.flow.sources",
      "facts.flow.read",
      "facts.flow.beyond",
      "facts.flow.origins",
    ].map((way): [string, unknown, string] => [way, "all", text]),
    ...["principal.onBehalfOf", "resource.owner", "run.task", "run.parent", "facts.reversal"].map(
      (way): [string, unknown, string] => [way, 7, text],
    ),
    ["facts.approvals", {}, "approvals or checks are no list"],
    ["facts.checks", undefined, "approvals or checks are no list"],
    ...[
      ...["action.reviewed", "resource.environment.production", "facts.stopped", "run.tainted", "run.planned"],
      "facts.flow.tainted",
    ].map((way): [string, unknown, string] => [way, "false", flag]),
    ["facts.reach.money.minor", 1.5, money],
    ["facts.reach.money.minor", "5", money],
    ["facts.reach.money.currency", 978, money],
    ...[
      ...["principal.tier", "run.step", "facts.counts.p", "facts.sums.p", "facts.steps.p"],
      "facts.reach.objects",
    ].flatMap((way): [string, unknown, string][] => [
      [way, 1.5, number],
      [way, "1", number],
      [way, 2 ** 53, number],
    ]),
  ])("whose `%s` is %j cannot be decided, and it says why", (way, value, fault) => {
    expect(inputFaults(put(way, value))).toEqual([fault]);
  });
});
