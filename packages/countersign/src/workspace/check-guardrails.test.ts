import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { sentence } from "./finding.ts";
import { read } from "./read.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const replies = "workflows/replies.yaml";

function found(guardrail: string): string {
  const entries = guardrail.split("\n---\n").map((one) => `  - ${one.trim().replaceAll("\n", "\n    ")}\n`);
  const text = `${golden[replies]?.trimEnd()}\nguardrails:\n${entries.join("")}`;
  return check({ ...golden, [replies]: text })
    .problems.map(sentence)
    .join("\n");
}

const refunds = `use: refund-limits
tools: [helpdesk.draft_refund]
amount: amount
aloneUnder: 50 EUR
upTo: 500 EUR
from: leads`;

const order = (may: string, ...done: readonly string[]) =>
  `use: right-after\ntools: [helpdesk.draft_refund]\ndone: [${done.join(", ")}]\nmay: ${may}\nwithin: 1h`;

describe("guardrails of a workflow file", () => {
  it("are taken where tools, people, zones and amounts are what they should be", () => {
    expect(found(refunds)).toBe("");
    expect(found("use: freeze\nzone: Europe/Berlin\nfrom: '2026-12-20'\nto: '2027-01-02'")).toBe("");
    const replied = "use: done-before\ntools: [helpdesk.draft_refund]\ndone: helpdesk.draft_reply\nwithin: 1h";
    expect(found(`${replied}\nsince: helpdesk.draft_refund`)).toBe("");
    for (const done of ["helpdesk.search_tickets", "helpdesk.send_reply"]) expect(found(order("only", done))).toBe("");
    expect(found(order("never", "helpdesk.draft_refund"))).toBe("");
    expect(found("use: call-limit\ntools: [helpdesk.draft_refund]\nmost: 3\nwithin: 1h")).toBe("");
  });

  it.each([
    [
      "a template that there is not",
      refunds.replace("refund-limits", "refund-limit"),
      "22:10: error: `refund-limit` is not one of the choices; expected one of `refund-limits`",
    ],
    ["a parameter that there is not", refunds.replace("upTo", "upto"), "the key `upto` is not known here"],
    [
      "a tool that is not granted",
      refunds.replace("draft_refund", "draft_refnd"),
      "there is no granted tool `helpdesk.draft_refnd`",
    ],
    ["a group that is not there", refunds.replace("leads", "leds"), "there is no group `leds`"],
    ["two currencies", refunds.replace("50 EUR", "50 USD"), "the amounts are in two currencies; expected `EUR`"],
    ["more alone than at all", refunds.replace("50 EUR", "501 EUR"), "this is more than `upTo`"],
    [
      "an amount that is none",
      refunds.replace("50 EUR", "50"),
      "expected an amount such as `50 EUR`: less than this needs nobody",
    ],
    [
      "a time zone that there is not",
      "use: freeze\nzone: Europe/Berln\nfrom: '2026-12-20'\nto: '2027-01-02'",
      "did you mean `Europe/Berlin`?",
    ],
    [
      "days in the wrong order",
      "use: freeze\nzone: UTC\nfrom: '2026-12-20'\nto: '2026-01-02'",
      "this is before `from`",
    ],
    [
      "hours without length",
      "use: change-window\ntools: [helpdesk.draft_refund]\nzone: UTC\nhours: 09:00-09:00",
      "these hours have no length",
    ],
    [
      "an environment that there is not",
      "use: only-within\ntools: [helpdesk.draft_refund]\nenvironments: [stagin]",
      "there is no environment `stagin`",
    ],
    [
      "a tool since which something is done, and that is not granted",
      "use: done-before\ntools: [helpdesk.draft_refund]\ndone: helpdesk.search\nwithin: 1h\nsince: helpdesk.draft_refnd",
      "there is no granted tool `helpdesk.draft_refnd`",
    ],
    [
      "a tool that is to be done since itself",
      "use: done-before\ntools: [helpdesk.draft_refund]\ndone: helpdesk.draft_refund\nwithin: 1h\nsince: helpdesk.draft_refund",
      "`helpdesk.draft_refund` cannot be done since itself; expected another tool than `done`",
    ],
    ["an order after a tool that there is not", order("only", "helpdesk.serch"), "there is no tool `helpdesk.serch`"],
    [
      "an order that forbids nothing, since the tool before is not granted",
      order("never", "helpdesk.draft_refund", "helpdesk.draft_refnd"),
      "there is no granted tool `helpdesk.draft_refnd`",
    ],
    [
      "an order in which nothing can be first",
      order("only", "helpdesk.draft_refund"),
      "nothing could begin: each of these asks for one of these before it; expected a tool that is none of `tools`",
    ],
    ["an order without an end", order("only", "helpdesk.search_tickets").replace("\nwithin: 1h", ""), "`within`"],
    ["an order of no kind", order("once", "helpdesk.search_tickets"), "`only`"],
    [
      "a name that is taken",
      `${refunds}
---
${refunds}`,
      "there is another guardrail `refund-limits` in this workflow",
    ],
  ])("%s", (_, guardrail, words) => {
    expect(found(guardrail)).toContain(words);
    expect(found(guardrail)).toMatch(/^workflows\/replies\.yaml:\d+:\d+: error: /);
  });
});
