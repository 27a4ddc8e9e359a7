import type { DecisionInput, VetoFact } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { acme, asks, at, callDigest, check } from "./acme.fixture.ts";
import { decide, decisionBytes } from "./decide.ts";
import type { CompiledPolicies } from "./policy.ts";
import { vetoQuestion, vetoQuestionDigest } from "./veto.ts";

const rule = `sha256:${"e".repeat(64)}`;
const estate = { name: "estate", digest: rule };
const order = { deny: 0, require: 1, allow: 2 };

let policies: CompiledPolicies;
beforeAll(async () => {
  policies = await acme();
});

const search = (facts: Partial<DecisionInput["facts"]> = {}) =>
  asks({ tool: "helpdesk.search_tickets", verb: "read", facts });

/** A veto's answer to this very question. */
function answer(input: DecisionInput, more: Partial<VetoFact> = {}): VetoFact {
  return {
    veto: "estate",
    kind: "opa-http",
    rule,
    questionDigest: vetoQuestionDigest(input),
    at,
    microseconds: 1,
    effect: "allow",
    cures: [],
    obligations: [],
    ...more,
  };
}

function answered(input: DecisionInput, ...facts: readonly Partial<VetoFact>[]): DecisionInput {
  return { ...input, facts: { ...input.facts, vetoes: facts.map((fact) => answer(input, fact)) } };
}

const lead = { kind: "approval", from: "sre", count: 1, exclude: [], openMs: 1000, validMs: 3_600_000 } as const;

describe("a veto", () => {
  it("is waited for where it is attached, and asked where the policies would not deny", () => {
    const decision = decide(search(), policies, { vetoes: [estate] });
    expect(decision).toMatchObject({ effect: "require", requirements: [{ kind: "veto", policy: "veto:estate" }] });
    const denied = decide(asks({ tool: "helpdesk.delete_ticket", verb: "execute" }), policies, { vetoes: [estate] });
    expect(denied).toMatchObject({ effect: "deny", requirements: [] });
  });

  it("counts as unasked where its answer was to another question, or by another declaration", () => {
    for (const wrong of [{ questionDigest: rule }, { rule: `sha256:${"0".repeat(64)}` }, { veto: "other" }]) {
      const decision = decide(answered(search(), wrong), policies, { vetoes: [estate] });
      expect(decision.effect).toBe("require");
    }
    const moved = { ...answered(search(), {}), args: { query: "another" } };
    expect(decide(moved, policies, { vetoes: [estate] }).effect).toBe("require");
  });

  it("denies with its reason, and with what failed where it failed", () => {
    const no = decide(answered(search(), { effect: "deny", reason: "not today" }), policies, { vetoes: [estate] });
    expect(no.sentence).toContain("refused by veto `estate`: not today");
    expect(no.errors).toEqual([]);
    const late = decide(answered(search(), { effect: "deny", fault: "no answer within 5 ms" }), policies);
    expect(late).toMatchObject({ effect: "deny", errors: ["veto estate: no answer within 5 ms"] });
    expect(late.sentence).toContain("Send it again later");
  });

  it("may ask for a check, which then counts for it", () => {
    const plan = { kind: "check", name: "plan", maxAgeMs: 900_000 } as const;
    const asked = (facts: Partial<DecisionInput["facts"]>) => {
      const input = search(facts);
      return decide(answered(input, { effect: "require", cures: [plan] }), policies);
    };
    expect(asked({})).toMatchObject({
      effect: "require",
      requirements: [{ kind: "check", policy: "veto:estate", name: "plan", maxAgeMs: 900_000 }],
      determining: expect.arrayContaining([expect.objectContaining({ id: "veto:estate", title: "opa-http veto" })]),
    });
    expect(asked({ checks: [check("plan")] }).effect).toBe("allow");
    expect(asked({ checks: [check("secrets")] }).effect).toBe("require");
  });

  it("may oblige to what the gate carries out, and to nothing else", () => {
    const obliged = (kind: string, properties: object) =>
      decide(answered(search(), { obligations: [{ kind, properties }] as never }), policies);
    const secret = { labels: ["secret"] };
    expect(obliged("redact", secret)).toMatchObject({
      effect: "allow",
      obligations: [{ kind: "redact", properties: secret, policy: "veto:estate" }],
    });
    expect(obliged("record_full", {}).effect).toBe("allow");
    for (const [kind, properties] of [
      ["redact", { labels: ["secret", "mine"] }],
      ["redact", { labels: [] }],
      ["redact", { labels: "secret" }],
      ["redact", {}],
      ["notify", secret],
    ] as const)
      expect(obliged(kind, properties), `${kind} ${JSON.stringify(properties)}`).toMatchObject({
        effect: "deny",
        errors: [`veto:estate: it asks for obligation \`${kind}\`, which this gate cannot carry out`],
      });
  });

  it("is told in the agent's sentence: which, why, and what to do now", () => {
    const said = (...facts: readonly Partial<VetoFact>[]) => decide(answered(search(), ...facts), policies).sentence;
    const whom = "`ana@acme.example`, who answers for workflow `support-replies`";
    const again = `Sending it again changes nothing; do it another way, or ask ${whom}`;
    const later = `and what cannot be asked is denied. Send it again later; if it goes on, tell ${whom}`;
    expect(said({ effect: "deny", reason: "not today" })).toBe(`refused by veto \`estate\`: not today. ${again}`);
    expect(said({ effect: "deny" })).toBe(`refused by veto \`estate\`. ${again}`);
    expect(said({ effect: "deny", fault: "no answer" })).toBe(
      `refused: there is no usable answer of veto \`estate\` (no answer), ${later}`,
    );
    // What was said counts before what failed.
    expect(said({ effect: "deny", fault: "no answer" }, { effect: "deny", veto: "other", reason: "no" })).toBe(
      `refused by veto \`other\`: no. ${again}`,
    );
    expect(said({ obligations: [{ kind: "notify", properties: {} }] as never })).toBe(
      `refused: there is no usable answer of veto \`estate\` (it asks for obligation \`notify\`, which this gate cannot carry out), ${later}`,
    );
    expect(said({ cures: 7 as never })).toBe(
      `refused: there is no usable answer (a veto's answer could not be read), ${later}`,
    );
    const failed = { kind: "check", name: "plan", maxAgeMs: 900_000 } as never;
    const checks = [check("plan", { verdict: "fail" })];
    const input = search({ checks });
    expect(decide(answered(input, { effect: "require", cures: [failed] }), policies).sentence).toBe(
      "refused by veto `estate`: check `plan` did not pass. Change the call so that the check passes, or ask `ana@acme.example`",
    );
    expect(decide(search(), policies, { vetoes: [estate] }).sentence).toBe(
      "held: `helpdesk.search_tickets` needs an answer of veto `estate` (rule `veto:estate`). It runs by itself once that is there; do not send it again",
    );
  });

  it("asks for an approval that is bound to the call and to what was asked", () => {
    const open = decide(answered(search(), { effect: "require", cures: [lead] }), policies);
    expect(open).toMatchObject({ effect: "require", requirements: [{ kind: "approval", from: "sre" }] });
    const [asked] = open.requirements;
    const approval = {
      policy: "veto:estate",
      policyDigest: asked?.policyDigest ?? "",
      person: "lea@acme.example",
      groups: ["sre"],
      at,
      callDigest,
    };
    const given = search({ approvals: [approval] });
    expect(decide(answered(given, { effect: "require", cures: [lead] }), policies).effect).toBe("allow");
    const more = { ...lead, count: 2 };
    expect(decide(answered(given, { effect: "require", cures: [more] }), policies).effect).toBe("require");
    const elsewhere = search({ approvals: [{ ...approval, callDigest: rule }] });
    expect(decide(answered(elsewhere, { effect: "require", cures: [lead] }), policies).effect).toBe("require");
  });

  it("is united with the policies' own requirements and obligations", () => {
    const refund = asks({ tool: "helpdesk.draft_refund", verb: "propose" });
    const alone = decide(refund, policies);
    const both = decide(answered(refund, { effect: "require", cures: [lead] }), policies);
    expect(both.requirements.slice(0, alone.requirements.length)).toEqual(alone.requirements);
    expect(both.requirements.at(-1)).toMatchObject({ policy: "veto:estate", from: "sre" });
    const kept = decide(answered(search(), { obligations: [{ kind: "record_full", properties: {} }] }), policies);
    expect(kept.obligations).toMatchObject([{ kind: "record_full", policy: "veto:estate" }]);
    for (const kind of ["watermark", "notify"]) {
      const unkept = decide(answered(search(), { obligations: [{ kind, properties: {} }] }), policies);
      expect(unkept.effect).toBe("deny");
    }
  });

  it("is only written down where the workflow is only observed, but for one that could not be asked", async () => {
    const observed = await acme("", {});
    const workflows = { ...observed.workflows };
    const known = workflows["support-replies"];
    if (known === undefined) throw new Error("the workflow is gone");
    workflows["support-replies"] = { ...known, mode: "observe" };
    const lenient = { ...observed, workflows };
    const no = decide(answered(search(), { effect: "deny", reason: "not today" }), lenient);
    expect(no).toMatchObject({ effect: "allow", observed: "deny" });
    expect(decide(answered(search(), { effect: "deny", fault: "gone" }), lenient).effect).toBe("deny");
  });

  it("that is stored in another shape denies", () => {
    for (const vetoes of [{}, [null], "no", [{ veto: "estate", questionDigest: vetoQuestionDigest(search()) }]]) {
      const input = search({ vetoes: vetoes as never });
      expect(["deny", "require"]).toContain(decide(input, policies).effect);
    }
  });

  it("never gets what other vetoes said", () => {
    const input = answered(search(), { effect: "deny", reason: "not today" });
    expect(JSON.stringify(vetoQuestion(input))).not.toContain("not today");
    expect(vetoQuestionDigest(input)).toBe(vetoQuestionDigest(search()));
  });

  it("never allows what the policies deny, nor asks for less, whatever it says; and a replay says the same", () => {
    const tools = [
      "helpdesk.search_tickets",
      "helpdesk.draft_reply",
      "helpdesk.draft_refund",
      "helpdesk.delete_ticket",
    ];
    const fact = fc.record(
      {
        veto: fc.constantFrom("estate", "second"),
        effect: fc.constantFrom("allow", "require", "deny"),
        cures: fc.array(fc.constantFrom(lead, { kind: "wait", until: "2020-01-01T00:00:00.000Z" } as const), {
          maxLength: 3,
        }),
        obligations: fc.array(fc.record({ kind: fc.constantFrom("record_full", "x"), properties: fc.constant({}) }), {
          maxLength: 2,
        }),
        rule: fc.constantFrom(rule, callDigest),
      },
      { requiredKeys: ["effect"] },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...tools),
        fc.array(fact, { maxLength: 3 }),
        fc.boolean(),
        (tool, facts, attached) => {
          const input = asks({ tool, verb: tool.endsWith("tickets") ? "read" : "propose" });
          const options = attached ? { vetoes: [estate] } : {};
          const alone = decide(input, policies);
          const asked = answered(input, ...(facts as readonly Partial<VetoFact>[]));
          const both = decide(asked, policies, options);
          expect(order[both.effect]).toBeLessThanOrEqual(order[alone.effect]);
          if (both.effect === "require")
            for (const one of alone.requirements) expect(both.requirements).toContainEqual(one);
          const again = decide(JSON.parse(JSON.stringify(asked)), policies, options);
          expect(decisionBytes(again)).toBe(decisionBytes(both));
        },
      ),
      { numRuns: 300 },
    );
  });
});
