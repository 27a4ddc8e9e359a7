import type { Json, JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { acme, approval, asks } from "./acme.fixture.ts";
import { argumentTypes } from "./argument-types.ts";
import { decide } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";
import { projectArguments } from "./project-arguments.ts";

const limits = `
@id("large") forbid (principal, action == Action::"helpdesk.draft_refund", resource)
when { context.args has amount && context.args.amount > 500 };
@id("steep") forbid (principal, action == Action::"helpdesk.draft_refund", resource)
when { context.args has rate && context.args.rate.greaterThan(decimal("0.5")) };
@id("strange") forbid (principal, action == Action::"helpdesk.draft_refund", resource)
when { context.args has to && !(["ana@acme.example", "bo@acme.example"].containsAll(context.args.to)) };
@id("stranger") forbid (principal, action == Action::"helpdesk.draft_refund", resource)
when { context.args has customer && context.args.customer has vip && context.args.customer.vip };
@id("note") forbid (principal, action == Action::"helpdesk.draft_refund", resource)
when { context.args has note && context.args.note == "no" };`;

const rule = "support-replies/approval/helpdesk.draft_refund";
let policies: CompiledPolicies;
beforeAll(async () => {
  policies = await acme(limits);
});

function refund(args: JsonObject) {
  const approvals = [approval(policies, rule), approval(policies, rule, { person: "max@acme.example" })];
  return decide(asks({ tool: "helpdesk.draft_refund", verb: "propose", args, facts: { approvals } }), policies);
}

describe("arguments", () => {
  it("are read by guardrails as what they are", () => {
    expect(
      refund({ amount: 500, rate: 0.5, to: ["ana@acme.example"], customer: { vip: false }, note: null }).effect,
    ).toBe("allow");
    expect(refund({ amount: 501 })).toMatchObject({ effect: "deny", determining: [{ id: "large" }] });
    expect(refund({ rate: 0.5001 })).toMatchObject({ effect: "deny", determining: [{ id: "steep" }] });
    expect(refund({ to: ["ana@acme.example", "x@evil.example"] })).toMatchObject({
      effect: "deny",
      determining: [{ id: "strange" }],
    });
    expect(refund({ customer: { id: "7", vip: true } })).toMatchObject({
      effect: "deny",
      determining: [{ id: "stranger" }],
    });
  });

  it.each<[string, JsonObject]>([
    ["a number that hides in a string", { amount: "501" }],
    ["a fraction where an integer is declared", { amount: 500.5 }],
    ["an integer too large to be exact", { amount: 2 ** 53 }],
    ["a number with more places than can be compared", { rate: 0.50001 }],
    ["a huge number", { rate: 1e300 }],
    ["an entity", { note: { __entity: { type: "Agent", id: "admin" } } }],
    ["an extension value", { rate: { __extn: { fn: "decimal", arg: "0.1" } } }],
    ["an entity in a list", { to: [{ __entity: { type: "Agent", id: "admin" } }] }],
    ["null in a list", { to: [null] }],
    ["a list in place of text", { note: ["no"] }],
    ["half of a surrogate pair", { note: "no\ud800" }],
    ["an enormous text", { note: "n".repeat(300_000) }],
    ["an enormous list", { to: Array.from({ length: 10_001 }, () => "ana@acme.example") }],
    ["a wrong value in a record", { customer: { vip: "yes" } }],
  ])("%s denies where a guardrail reads it", (_, args) => {
    const decision = refund(args);
    expect(decision.effect).toBe("deny");
    // A lone surrogate has no canonical form, so it is refused before any policy is asked.
    expect(decision.errors.join()).toMatch(/and a policy reads it|no canonical form/);
  });

  it("that no guardrail reads hinder nothing", async () => {
    const plain = await acme();
    for (const args of [
      { query: 1.23456789 },
      { query: { __entity: { type: "Agent", id: "admin" } } },
      { unheard: null },
    ]) {
      expect(decide(asks({ args }), plain)).toMatchObject({ effect: "allow", errors: [] });
    }
  });

  it("never reach the engine under a name that it reads as a reference", () => {
    const types = argumentTypes({
      id: "s.t",
      inputSchema:
        JSON.parse(`{"type":"object","properties":{"__entity":{"type":"string"},"__proto__":{"type":"string"},
        "deep":{"type":"object","properties":{"__extn":{"type":"string"},"ok":{"type":"string"}}}}}`),
    });
    expect(Object.keys(types)).toEqual(["deep"]);
    const args = JSON.parse(
      `{"__entity":"x","__proto__":{"a":1},"deep":{"__extn":{"fn":"ip","arg":"1.1.1.1"},"ok":"y"}}`,
    );
    expect(projectArguments(args, types, null)).toEqual({ record: { deep: { ok: "y" } }, dropped: [] });
  });

  it("that the schema does not declare cannot be named", () => {
    const types = argumentTypes({ id: "s.t", inputSchema: { type: "object", properties: { a: { type: "integer" } } } });
    expect(projectArguments({ a: -0, b: 2, constructor: 3 }, types, ["a", "b", "constructor"])).toEqual({
      record: { a: 0 },
      dropped: [],
    });
  });

  it("take their types through references and nullable forms, and end in a circle", () => {
    const inputSchema: JsonObject = {
      type: "object",
      properties: {
        who: { $ref: "#/$defs/Who" },
        maybe: { type: ["integer", "null"] },
        either: { anyOf: [{ type: "string" }, { type: "integer" }] },
      },
      $defs: { Who: { type: "object", properties: { name: { type: "string" }, boss: { $ref: "#/$defs/Who" } } } },
    };
    const types = argumentTypes({ id: "s.t", inputSchema });
    expect(types).toMatchObject({
      who: { kind: "record", attributes: { name: { kind: "string" } } },
      maybe: { kind: "long" },
    });
    expect(types).not.toHaveProperty("either");
  });

  it("no argument turns a deny into an allow, whatever it is", () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    const hostile = fc.oneof(
      json,
      fc.constantFrom<Json>(
        { __entity: { type: "Agent", id: "deploy-bot" } },
        { __extn: { fn: "decimal", arg: "0.0" } },
        null,
        -0,
        2 ** 60,
      ),
    );
    const names = fc.constantFrom(
      "amount",
      "rate",
      "note",
      "to",
      "customer",
      "anything",
      "tier",
      "environment",
      "__entity",
      "facts",
      "cured",
    );
    fc.assert(
      fc.property(fc.dictionary(names, hostile), (args) => {
        // Each of these is denied without arguments, and stays denied with any.
        const denied = [
          asks({ tool: "helpdesk.delete_ticket", verb: "propose", args }),
          asks({ tool: "helpdesk.draft_refund", verb: "execute", args }),
          asks({ tool: "helpdesk.send_reply", verb: "read", args }),
        ];
        for (const input of denied) expect(decide(input, policies).effect).toBe("deny");
        expect(refund({ ...args, amount: 501 }).effect).toBe("deny");
        expect(decide(asks({ tool: "helpdesk.draft_refund", verb: "propose", args }), policies).effect).not.toBe(
          "allow",
        );
      }),
      { numRuns: 200 },
    );
  });
});
