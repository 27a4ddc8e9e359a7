import { describe, expect, it } from "vitest";
import { acme, rollout, support, tools } from "../acme.fixture.ts";
import { decide } from "../decide.ts";
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
    expect(told.proven).toEqual({ allowed: 3, denied: 0, "asks a person": 3, "asked otherwise": 3 });
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

  it("differ by what is asked otherwise where a duration or a count is changed, and allow nothing newly by that", async () => {
    const [ask] = support.ask;
    if (ask === undefined) throw new Error("nothing is asked");
    const before = await acme();
    for (const changed of [{ valid: "3h" }, { count: 1 }, { from: "sre" }]) {
      const told = await compared(
        before,
        await acme("", { workflows: [{ ...support, ask: [{ ...ask, ...changed }] }, rollout] }),
      );
      expect(told.compared, JSON.stringify(changed)).toBeGreaterThan(0);
      expect(told.proven).toMatchObject({
        allowed: told.compared,
        denied: told.compared,
        "asks a person": told.compared,
      });
      expect(told.findings.length).toBeGreaterThan(0);
      for (const one of told.findings) {
        if (one.answer !== "request") throw new Error(one.why);
        expect([one.newly, one.tool]).toEqual(["asked otherwise", ask.tool]);
        expect([one.before.effect, one.after.effect]).toEqual(["require", "require"]);
      }
    }
  });

  it("differ by a passkey where it is asked for in one alone, and are proven to ask the same elsewhere", async () => {
    const tool = "deploy.wipe";
    const keyed = (passkey?: boolean, irreversible: readonly string[] = [tool]) => {
      const ask = [{ tool, from: "sre", ...(passkey === undefined ? {} : { passkey }) }];
      const allow = rollout.allow.filter((one) => one !== tool);
      return acme("", { workflows: [support, { ...rollout, allow, ask, irreversible }] });
    };
    const never = await compared(await keyed(), await keyed(false));
    const nothing = { allowed: 3, denied: 3, "asks a person": 3 };
    expect(never).toMatchObject({ compared: 3, proven: { ...nothing, "asked otherwise": 2 } });
    expect(found(never)).toEqual([`asked otherwise ${tool} execute request`]);
    for (const one of never.findings) {
      if (one.answer !== "request") throw new Error(one.why);
      expect(one.input.resource.environment.production).toBe(true);
      expect(one.input.facts.reversal).not.toBe("plan");
      expect(one.before.sentence).toContain("signed with a passkey");
      expect(one.after.sentence).not.toContain("signed with a passkey");
    }
    // What nothing undoes in production is refused there, so nobody is ever asked for a passkey that is not named.
    const refused = await compared(await keyed(undefined, []), await keyed(false, []));
    expect(refused).toMatchObject({ compared: 3, proven: { ...nothing, "asked otherwise": 3 }, findings: [] });
    const always = await compared(await keyed(), await keyed(true));
    expect(found(always)).toEqual(
      ["execute", "propose", "read"].map((verb) => `asked otherwise ${tool} ${verb} request`),
    );
  }, 60_000);

  it("differ by what a changed number in a condition lets pass, and by no approval of its new text", async () => {
    const asks = (above: number, id = "big") =>
      `@id("${id}") @cure("approval") @from("support-leads") @count("1") @open("4h") @valid("1h") @exclude("nobody")
      forbid (principal, action == Action::"helpdesk.draft_reply", resource)
      when { context.args has length && context.args.length > ${above} } unless { context.facts.cured.contains("${id}") };`;
    const long = tools.map((tool) =>
      tool.id === "helpdesk.draft_reply"
        ? { ...tool, inputSchema: { type: "object", properties: { length: { type: "integer" } } } }
        : tool,
    );
    const [low, high] = [await acme(asks(500), { tools: long }), await acme(asks(1_000), { tools: long })];
    const raised = await compared(low, high);
    const allowed = raised.findings.filter(({ newly }) => newly === "allowed");
    expect(allowed.length).toBeGreaterThan(0);
    for (const one of allowed) {
      if (one.answer !== "request") throw new Error(one.why);
      expect(Number(one.input.args.length)).toBeGreaterThan(500);
      expect(Number(one.input.args.length)).toBeLessThanOrEqual(1_000);
    }
    expect(raised.proven).toMatchObject({ denied: raised.compared, "asks a person": raised.compared });
    const lowered = await compared(high, low);
    expect(lowered.proven).toMatchObject({ allowed: lowered.compared, denied: lowered.compared });
    expect(found(lowered)).toContain("asks a person helpdesk.draft_reply propose request");
    // A policy of another name is another question: what answered the one does not answer the other.
    expect(found(await compared(low, await acme(asks(500, "other"), { tools: long })))).toContain(
      "asked otherwise helpdesk.draft_reply propose request",
    );
  });

  it("differ by what is asked otherwise where a check may be older", async () => {
    const fresh = (age: string) =>
      `@id("fresh") @cure("check") @check("secrets") @age("${age}")
      forbid (principal, action == Action::"helpdesk.draft_reply", resource) unless { context.facts.cured.contains("fresh") };`;
    const told = await compared(await acme(fresh("10m")), await acme(fresh("20m")));
    expect(told.proven.allowed).toBe(told.compared);
    expect(found(told)).toContain("asked otherwise helpdesk.draft_reply propose request");
  });
});

describe("an argument that no policy can read", () => {
  const guard = (id: string, rest: string) =>
    `@id("${id}") forbid (principal, action == Action::"helpdesk.draft_reply", resource) ${rest};`;
  const outside = guard("a", "when { resource.environment.production }");
  const empty = guard(
    "b",
    'when { resource.environment.production } when { context.args has body && context.args.body == "" }',
  );

  it("is newly allowed where the last policy that reads it goes, however little that policy forbids", async () => {
    const [both, one] = [await acme(`${outside} ${empty}`), await acme(outside)];
    const told = await compared(both, one);
    expect(told.proven).toMatchObject({ denied: told.compared });
    const [allowed] = told.findings.filter(({ newly, verb }) => newly === "allowed" && verb === "propose");
    if (allowed?.answer !== "request") throw new Error("it is not found");
    const { input } = allowed;
    expect(String(input.args.body).length).toBeGreaterThan(262_144);
    expect([input.resource.environment.production, decide(input, both).effect, decide(input, one).effect]).toEqual([
      false,
      "deny",
      "allow",
    ]);
  });

  it("is newly denied where a policy reads it now, and is no difference where both sets read it", async () => {
    const [one, both] = [await acme(outside), await acme(`${outside} ${empty}`)];
    const newly = await compared(one, both);
    expect(newly.proven).toMatchObject({ allowed: newly.compared });
    expect(found(newly)).toContain("denied helpdesk.draft_reply propose request");
    const again = guard(
      "c",
      'when { resource.environment.production && context.args has body && context.args.body like "*" }',
    );
    const same = await compared(both, await acme(`${outside} ${empty} ${again}`));
    expect(same).toMatchObject({ compared: 3, proven: { allowed: 3, denied: 3 }, findings: [] });
  });

  it("is found of another type, and of what the catalog makes of it", async () => {
    const typed = { whole: { type: "integer" } };
    const shapes = tools.map((tool) =>
      tool.id === "helpdesk.draft_reply"
        ? { ...tool, inputSchema: { type: "object", properties: typed }, parsed: { link: { host: "text" as const } } }
        : tool,
    );
    const before = await acme(outside, { tools: shapes });
    for (const name of [...Object.keys(typed), "parsed.link"]) {
      const place = name === "parsed.link" ? ["context.args.parsed", "link"] : ["context.args", name];
      const reads = guard("b", `when { resource.environment.production } when { ${place[0]} has ${place[1]} }`);
      const told = await compared(before, await acme(`${outside} ${reads}`, { tools: shapes }));
      expect(found(told), name).toContain("denied helpdesk.draft_reply propose request");
      expect(told.proven.allowed, name).toBe(told.compared);
    }
  });
});
