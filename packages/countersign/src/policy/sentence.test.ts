import { expect, it } from "vitest";
import { asks } from "./acme.fixture.ts";
import type { Judgement } from "./judge.ts";
import { sentenceFor } from "./sentence.ts";

const input = asks({
  facts: {
    flow: {
      effect: "irreversible",
      brings: "internal",
      tainted: true,
      sources: [{ tool: "mail.read" }],
      read: [],
      origins: [],
    },
  },
});
const told = (why: Judgement["why"], more: object = {}) =>
  sentenceFor(
    {
      why,
      determining: [{ id: "a", title: "the first" }, { id: "b" }],
      requirements: [],
      obligations: [],
      errors: [],
      ...more,
    } as unknown as Judgement,
    input,
  );

it("an agent is told what was decided, by which rules, who can change it, and what to do", () => {
  const asking = (...policies: readonly string[]) => ({
    requirements: policies.map((policy) => ({ policy, sentence: `something for ${policy}` })),
  });
  expect(told("permitted")).toBe("allowed by `a` (the first), `b`");
  expect(told("cures", asking("p"))).toBe(
    "held: `helpdesk.search_tickets` needs something for p (rule `p`). It runs by itself once that is there; do not send it again",
  );
  expect(told("cures", asking("p", "flow-destination"))).toBe(
    "held: `helpdesk.search_tickets` needs something for p (rule `p`); and something for flow-destination (rule `flow-destination`)" +
      ", since its run has read `mail.read`, where others may write. It runs by itself once that is there; do not send it again",
  );
  expect(told("forbidden")).toBe(
    "refused by `a` (the first), `b`. Sending it again changes nothing; do it another way, or ask `ana@acme.example`, who answers for workflow `support-replies`",
  );
  expect(told("impossible", { sentence: "check `plan` did not pass" })).toBe(
    "refused by `a` (the first), `b`: check `plan` did not pass. Change the call so that the check passes, or ask `ana@acme.example`",
  );
  expect(told("impossible")).toContain("`b`: a check did not pass. Change the call");
  expect(told("nothing permits")).toBe(
    "refused: no rule of workflow `support-replies` allows `helpdesk.search_tickets` to this agent. Use another tool, or ask `ana@acme.example` to add it to the workflow",
  );
  for (const why of ["errors", "obligation"] as const)
    expect(told(why)).toBe(
      "refused: the rules could not be evaluated for this call, and what cannot be decided is denied. Ask `ana@acme.example`, who answers for workflow `support-replies`",
    );
});
