import { describe, expect, it } from "vitest";
import { acme, rollout, support, tools } from "../acme.fixture.ts";
import type { CompiledPolicies } from "../policy.ts";
import { type Comparison, compareSets } from "./compare-sets.ts";
import { Solver, solverCommands } from "./solver.ts";

const limits = { questionMs: 20_000, invariantMs: 20_000, allMs: 120_000, now: () => performance.now() };

async function compared(before: CompiledPolicies, after: CompiledPolicies): Promise<Comparison> {
  const solver = new Solver(solverCommands(undefined));
  try {
    return await compareSets(before, after, solver, limits);
  } finally {
    solver.close();
  }
}

const found = ({ findings }: Comparison) =>
  findings.map((one) => `${one.newly} ${one.tool} ${one.verb} ${one.answer}`).sort();

describe("two policy sets", () => {
  it("that are one are not compared", async () => {
    const policies = await acme();
    const { compared: differing, findings, solver } = await compared(policies, policies);
    expect([differing, findings, solver]).toEqual([0, [], undefined]);
  });

  it("differ by what a new guardrail denies, and by nothing that it allows", async () => {
    const guard = `@id("small") forbid (principal, action == Action::"helpdesk.draft_refund", resource)
      when { context.args has amount && context.args.amount > 500 };`;
    const told = await compared(await acme(), await acme(guard));
    expect(told.compared).toBe(3);
    expect(told.proven).toEqual({ allowed: 3, denied: 0, "asks a person": 3 });
    expect(found(told)).toEqual([
      "denied helpdesk.draft_refund execute request",
      "denied helpdesk.draft_refund propose request",
      "denied helpdesk.draft_refund read request",
    ]);
    for (const one of told.findings) {
      if (one.answer !== "request") throw new Error(one.why);
      expect(Number(one.input.args.amount)).toBeGreaterThan(500);
      expect(one.before.effect).not.toBe("deny");
      expect(one.after).toMatchObject({ effect: "deny", determining: ["small"] });
    }
  });

  it("differ by what asks a person now, and the other way round by what is newly allowed", async () => {
    const asking = {
      ...support,
      allow: ["helpdesk.search_tickets"],
      ask: [...support.ask, { tool: "helpdesk.draft_reply", from: "support-leads" }],
    };
    const [before, after] = [await acme(), await acme("", { workflows: [asking, rollout] })];
    expect(found(await compared(before, after))).toContain("asks a person helpdesk.draft_reply propose request");
    const back = await compared(after, before);
    expect(found(back)).toContain("allowed helpdesk.draft_reply propose request");
    expect(back.proven.denied).toBe(back.compared);
  });

  it("differ where a tool goes away, where a workflow is only observed, and where arguments get another type", async () => {
    const before = await acme();
    const left = tools.filter(({ id }) => id !== "deploy.status");
    const without = { ...rollout, allow: ["deploy.apply", "deploy.wipe"] };
    const gone = await compared(before, await acme("", { tools: left, workflows: [support, without] }));
    expect(found(gone)).toContain("denied deploy.status read request");
    const observed = await compared(before, await acme("", { workflows: [support, { ...rollout, mode: "observe" }] }));
    expect(found(observed)).toContain("allowed deploy.apply execute request");
    const guard = `@id("body") forbid (principal, action == Action::"helpdesk.draft_reply", resource)
      when { context.args has body };`;
    const other = tools.map((tool) =>
      tool.id === "helpdesk.draft_reply"
        ? { ...tool, inputSchema: { type: "object", properties: { body: { type: "integer" } } } }
        : tool,
    );
    const retyped = await compared(await acme(guard), await acme(guard, { tools: other }));
    expect(retyped.findings.every(({ tool }) => tool === "helpdesk.draft_reply")).toBe(true);
    for (const one of retyped.findings)
      if (one.answer === "request") expect(one.before.effect).not.toBe(one.after.effect);
  });
});
