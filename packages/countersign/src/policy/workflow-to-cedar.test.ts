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
