import { expect, it } from "vitest";
import { rollout, support } from "./acme.fixture.ts";
import { workflowToCedar } from "./workflow-to-cedar.ts";

it("writes each rule as a policy that can be read, with a stable id", () => {
  const rules = { ...support, allow: ["helpdesk.search_tickets"] };
  expect(workflowToCedar(rules).text).toBe(`@id("support-replies/allow/helpdesk.search_tickets")
@title("support-replies allows helpdesk.search_tickets")
permit (principal in Workflow::"support-replies", action == Action::"helpdesk.search_tickets", resource)
when { [Agent::"support-bot"].contains(principal) };

@id("support-replies/ask/helpdesk.draft_refund")
@title("support-replies lets helpdesk.draft_refund be asked for")
permit (principal in Workflow::"support-replies", action == Action::"helpdesk.draft_refund", resource)
when { [Agent::"support-bot"].contains(principal) };

@id("support-replies/approval/helpdesk.draft_refund")
@title("support-replies asks support-leads before helpdesk.draft_refund")
@cure("approval") @from("support-leads") @count("2") @open("4h") @valid("1h") @exclude("requester,owner")
forbid (principal in Workflow::"support-replies", action == Action::"helpdesk.draft_refund", resource)
unless { context.facts.cured.contains("support-replies/approval/helpdesk.draft_refund") };

@id("support-replies/block/helpdesk.delete_ticket")
@title("support-replies blocks helpdesk.delete_ticket")
forbid (principal in Workflow::"support-replies", action == Action::"helpdesk.delete_ticket", resource);`);
});

it("grants nothing where a workflow has no agents", () => {
  expect(workflowToCedar({ ...rollout, agents: [] }).text).not.toContain("permit");
});

it("does not write a name that would end a string", () => {
  expect(() => workflowToCedar({ ...rollout, agents: [`x"]`] })).toThrow();
});

const bare = { ...support, workflow: "w", agents: ["a", "b"], allow: ["x.y"], ask: [], block: [] };
const text = (more: object) => workflowToCedar({ ...bare, ...more });
const scope = 'principal in Workflow::"w", action == Action::"x.y", resource';

it("is of the workflow's file, and says nothing where there is nothing to say", () => {
  expect(text({ agents: [] })).toEqual({ file: support.file, source: "workflow", text: "" });
  expect(text({ allow: [], checks: [{ name: "plan" }] }).text).toBe("");
});

it("names each agent, and what a grant obliges to", () => {
  const obligations = [
    { kind: "redact", properties: ["personal", "secret"] },
    { kind: "notify", properties: [] },
    { kind: "record_full", properties: ["x"] },
  ];
  expect(text({ obligations }).text).toBe(`@id("w/allow/x.y")
@title("w allows x.y")
@obligation("redact,notify,record_full")
@redact("personal,secret")
permit (${scope})
when { [Agent::"a", Agent::"b"].contains(principal) };`);
});

it("cuts a label out of the answers of one tool, beside what all are obliged to", () => {
  const { text: made } = text({
    allow: ["x.y", "x.w"],
    redact: [{ tool: "x.y", label: "personal" }],
    obligations: [
      { kind: "redact", properties: ["secret"] },
      { kind: "record_full", properties: [] },
    ],
  });
  const [one = "", other = ""] = made.split("\n\n");
  expect(one).toContain('@obligation("record_full,redact")\n@redact("secret,personal")');
  expect(other).toContain('@obligation("redact,record_full")\n@redact("secret")');
});

it("asks one person for four hours where a rule says no more, and not whoever asks", () => {
  const asked = (more: object) => text({ allow: [], ask: [{ tool: "x.y", from: "sre", ...more }] }).text;
  expect(asked({})).toContain(
    '@cure("approval") @from("sre") @count("1") @open("4h") @valid("1h") @exclude("requester")',
  );
  expect(asked({ open: "2h", valid: "30m", exclude: [] })).toContain('@open("2h") @valid("30m") @exclude("nobody")');
});

it("runs checks first, on the tools that they are for or on all that are granted", () => {
  const ask = [{ tool: "x.z", from: "sre" }];
  const checked = text({ ask, checks: [{ name: "plan", tools: ["x.y"], age: "5m" }, { name: "secrets" }] }).text;
  expect(checked).toContain(`@id("w/check/plan")
@title("w runs check plan first")
@cure("check") @check("plan") @age("5m")
forbid (principal in Workflow::"w", action in [Action::"x.y"], resource)
unless { context.facts.cured.contains("w/check/plan") };`);
  expect(checked).toContain(`@cure("check") @check("secrets") @age("15m")
forbid (principal in Workflow::"w", action in [Action::"x.y", Action::"x.z"], resource)`);
});

it("refuses what a guardrail cannot read yet", () => {
  expect(text({ allow: [], waiting: [{ name: "rate", tool: "x.y" }] }).text).toBe(`@id("w/guardrail/rate/waits/x.y")
@title("guardrail rate of w waits until x.y is reviewed with the arguments that it reads")
forbid (${scope});`);
});

it("refuses what is over a cap, or cannot be counted", () => {
  const capped = (more: object) =>
    text({ allow: [], caps: [{ unit: "rows", most: 10, tools: ["x.y", "x.z"], ...more }] }).text;
  expect(capped({})).toBe(`@id("w/cap/rows")
@title("w caps the rows of one call at 10")
forbid (principal in Workflow::"w", action in [Action::"x.y", Action::"x.z"], resource)
unless { context.facts.reach has rows && context.facts.reach.rows <= 10 };`);
  expect(capped({ unit: "money", currency: "EUR" })).toBe(`@id("w/cap/money")
@title("w caps the money of one call at 10 minor units of EUR")
forbid (principal in Workflow::"w", action in [Action::"x.y", Action::"x.z"], resource)
unless { context.facts.reach has money && context.facts.reach.money.currency == "EUR" && context.facts.reach.money.minor <= 10 };`);
  expect(capped({ tools: [] })).toBe("");
});

it("writes no name that needs an escape", () => {
  for (const name of ['"', "\\", "\n", "ä", "\u007f"])
    expect(() => text({ block: [`x.${name}`] }), JSON.stringify(name)).toThrow(
      "a name that was not checked reached Cedar text",
    );
});

it("writes its lists one after another, and what guards them behind", () => {
  const more = {
    allow: ["x.y", "x.z"],
    ask: [
      { tool: "x.q", from: "sre" },
      { tool: "x.r", from: "sre" },
    ],
    block: ["x.b", "x.c"],
    guardrailed: true,
    checks: [{ name: "plan" }, { name: "secrets" }],
    guardrails: [
      { use: "call-limit", name: "first", tools: ["x.y"], most: 1, per: "run", within: "1h" },
      { use: "call-limit", name: "second", tools: ["x.y"], most: 1, per: "run", within: "1h" },
    ],
    waiting: [
      { name: "rate", tool: "x.y" },
      { name: "rate", tool: "x.z" },
    ],
    caps: [
      { unit: "rows", most: 10, tools: ["x.y"] },
      { unit: "nodes", most: 10, tools: ["x.y"] },
    ],
  };
  const ids = [...text(more).text.matchAll(/^@id\("w\/([^"]*)"\)/gm)].map(([, id]) => id);
  expect(ids).toEqual([
    ...["allow/x.y", "guardrailed/x.y", "allow/x.z", "guardrailed/x.z"],
    ...["ask/x.q", "approval/x.q", "ask/x.r", "approval/x.r"],
    ...["block/x.b", "block/x.c", "check/plan", "check/secrets"],
    ...["guardrail/first", "guardrail/second", "guardrail/rate/waits/x.y", "guardrail/rate/waits/x.z"],
    ...["cap/rows", "cap/nodes"],
  ]);
});
