import type { VetoFact } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { asks, check } from "./acme.fixture.ts";
import { type Outcome, outcomeFor } from "./decide.ts";
import { asking, permit, smallSet } from "./small-set.fixture.ts";
import { type AttachedVeto, vetoQuestionDigest, withVetoes } from "./veto.ts";

const input = asks({ tool: "s.t", verb: "execute", principal: { agent: "bot", workflow: "w" } });
const policies = smallSet(permit("may"));
const allowed = outcomeFor(input, policies);
const asked = outcomeFor(input, smallSet(permit("may"), asking("ask")));
const observed = { w: { agents: ["bot"], mode: "observe", irreversible: [] } } as const;

const fact = (more: Partial<VetoFact> = {}): VetoFact => ({
  veto: "estate",
  kind: "opa-http",
  rule: "sha256:rule",
  questionDigest: vetoQuestionDigest(input),
  at: input.at,
  microseconds: 1,
  effect: "allow",
  cures: [],
  obligations: [],
  ...more,
});
const wait = (year: number) => ({ kind: "wait", until: `${year}-01-01T00:00:00.000Z` }) as const;
const plan = { kind: "check", name: "plan", maxAgeMs: 900_000 } as const;
const by = (veto: string) => ({
  id: `veto:${veto}`,
  effect: "forbid",
  digest: "sha256:rule",
  text: "",
  title: "opa-http veto",
});
const held = (words: string) =>
  `held: \`s.t\` needs ${words}. It runs by itself once that is there; do not send it again`;

interface With {
  readonly of?: Outcome;
  readonly attached?: readonly AttachedVeto[];
  readonly checks?: readonly ReturnType<typeof check>[];
  readonly workflows?: typeof observed;
}
function met(
  answers: readonly VetoFact[],
  { of = allowed, attached = [], checks = [], workflows }: With = {},
): Outcome {
  const question = { ...input, facts: { ...input.facts, checks } };
  const questionDigest = vetoQuestionDigest(question);
  // Checks are a part of the question.
  const vetoes = answers.map((one) =>
    one.questionDigest === fact().questionDigest ? { ...one, questionDigest } : one,
  );
  return withVetoes(
    of,
    { ...question, facts: { ...question.facts, vetoes } },
    workflows === undefined ? policies : { ...policies, workflows },
    attached,
  );
}

describe("what vetoes ask for", () => {
  it("has a name for each thing, a digest of its own, and comes after what the policies ask for", () => {
    const told = met([fact({ effect: "require", cures: [plan, wait(2027)] })], { of: asked });
    expect(told).toMatchObject({
      effect: "require",
      determining: [...asked.determining, by("estate")],
      requirements: [
        ...asked.requirements,
        { kind: "check", policy: "veto:estate", name: "plan", maxAgeMs: 900_000 },
        { kind: "wait", policy: "veto:estate/2", until: "2027-01-01T00:00:00.000Z" },
      ],
    });
    expect(told.determining.at(-1)).toStrictEqual(by("estate"));
    const digests = told.requirements.map(({ policyDigest }) => policyDigest);
    expect(new Set(digests).size).toBe(3);
    expect(digests.slice(1).every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest))).toBe(true);
    const first = asked.requirements[0]?.sentence;
    expect(told.sentence).toBe(
      held(
        `${first} (rule \`ask\`); and check \`plan\` passed on these arguments within 15m (rule \`veto:estate\`); and waiting until 2027-01-01T00:00:00.000Z (rule \`veto:estate/2\`)`,
      ),
    );
  });

  it("is nothing once it is met, and names the vetoes alone that still ask", () => {
    expect(met([fact({ effect: "require", cures: [wait(2020)] })])).toEqual(allowed);
    const told = met([
      fact({ effect: "require", cures: [wait(2020)] }),
      fact({ veto: "other", effect: "require", cures: [wait(2020), wait(2027)] }),
    ]);
    expect(told.determining).toEqual([...allowed.determining, by("other")]);
    expect(told.requirements.map(({ policy }) => policy)).toEqual(["veto:other/2"]);
  });

  it("cannot be had where a check of it failed: then the call is refused, by that veto", () => {
    const failed = [check("plan", { verdict: "fail" })];
    const told = met(
      [fact({ cures: [wait(2027)], effect: "require" }), fact({ veto: "other", effect: "require", cures: [plan] })],
      { checks: failed, of: { ...asked, observed: "deny" } },
    );
    expect(told).toMatchObject({ effect: "deny", determining: [by("other")], requirements: [], obligations: [] });
    expect(told).not.toHaveProperty("observed");
    expect(told.errors).toEqual([]);
  });

  it("obliges beside what the policies oblige to", () => {
    const of = { ...allowed, obligations: [{ kind: "notify", properties: {}, policy: "may" }] } as Outcome;
    const recorded = { kind: "record_full", properties: {} } as const;
    const both = [fact({ obligations: [recorded] }), fact({ veto: "other", obligations: [recorded] })];
    expect(met(both, { of }).obligations).toEqual([
      ...of.obligations,
      { ...recorded, policy: "veto:estate" },
      { ...recorded, policy: "veto:other" },
    ]);
    const waiting = met([fact({ effect: "require", cures: [wait(2027)], obligations: [recorded] })], { of });
    expect(waiting.obligations).toEqual([...of.obligations, { ...recorded, policy: "veto:estate" }]);
    const kind = "x".repeat(50);
    const unkept = met([fact(), fact({ veto: "other", obligations: [{ kind, properties: {} }] })], { of });
    expect(unkept).toMatchObject({ effect: "deny", determining: [by("other")], obligations: [] });
    expect(unkept.errors).toEqual([
      `veto:other: it asks for obligation \`${"x".repeat(40)}\`, which this gate cannot carry out`,
    ]);
  });
});

describe("vetoes that have not answered", () => {
  const unanswered = (name: string, digest = "sha256:rule") => ({
    kind: "veto",
    policy: `veto:${name}`,
    policyDigest: digest,
    sentence: `an answer of veto \`${name}\``,
  });
  const elsewhere = { questionDigest: "sha256:other" };

  it("are waited for after what the policies ask for, each once", () => {
    const attached = [
      { name: "estate", digest: "sha256:rule" },
      { name: "other", digest: "sha256:rule" },
    ];
    const told = met([fact()], { of: asked, attached });
    expect(told).toMatchObject({ effect: "require", determining: asked.determining });
    expect(told.requirements).toEqual([...asked.requirements, unanswered("other")]);
    expect(told.sentence).toBe(
      held(`${asked.requirements[0]?.sentence} (rule \`ask\`); and an answer of veto \`other\` (rule \`veto:other\`)`),
    );
    expect(met([], { attached }).requirements).toEqual([unanswered("estate"), unanswered("other")]);
    // What one said counts only once all have answered.
    expect(met([fact({ effect: "deny" })], { attached })).toMatchObject({ effect: "require" });
    expect(met([fact({ effect: "deny" }), fact({ veto: "other" })], { attached })).toMatchObject({ effect: "deny" });
  });

  it("are also those that answered another question or by another declaration, attached or not", () => {
    expect(met([fact(elsewhere)]).requirements).toEqual([unanswered("estate")]);
    expect(met([fact({ ...elsewhere, rule: "sha256:old" })]).requirements).toEqual([
      unanswered("estate", "sha256:old"),
    ]);
    expect(met([fact(elsewhere), fact()]).requirements).toEqual([unanswered("estate")]);
    const attached = [{ name: "estate", digest: "sha256:new" }];
    expect(met([fact()], { attached }).requirements).toEqual([unanswered("estate", "sha256:new")]);
    expect(met([fact(), fact({ rule: "sha256:new" })], { attached })).toEqual(allowed);
    expect(met([fact(elsewhere), fact({ rule: "sha256:new" })], { attached })).toEqual(allowed);
    expect(met([fact({ rule: "sha256:new" }), fact({ veto: "other" })], { attached })).toEqual(allowed);
  });
});

describe("a workflow that is only observed", () => {
  const watched = (vetoes: readonly VetoFact[], of: Outcome = allowed) => met(vetoes, { of, workflows: observed });
  const told = (sentence: string) => `allowed: workflow \`w\` is only observed. It would have been ${sentence}`;

  it("passes what a veto refuses or asks about, with what would have been and by whom", () => {
    const no = fact({ effect: "deny", reason: "not today" });
    const refused = met([no]).sentence;
    expect(watched([fact({ veto: "quiet" }), no])).toEqual({
      ...allowed,
      determining: [...allowed.determining, by("estate")],
      observed: "deny",
      sentence: told(refused),
    });
    const asksFor = fact({ effect: "require", cures: [wait(2027)] });
    expect(watched([asksFor])).toEqual({
      ...allowed,
      determining: [...allowed.determining, by("estate")],
      observed: "require",
      sentence: told(met([asksFor]).sentence),
    });
    expect(watched([fact({ cures: [wait(2027)] })]).determining).toEqual([...allowed.determining, by("estate")]);
    expect(watched([fact()])).toEqual(allowed);
  });

  it("passes nothing in production, nor where its pattern writes nothing", () => {
    const no = [fact({ effect: "deny", reason: "not today" })];
    const by = { w: { ...observed.w, writesNothing: true } } as const;
    expect(input.action.verb).toBe("execute");
    expect(met(no, { workflows: by })).toMatchObject({ effect: "deny" });
    const live = { ...input.resource, environment: { name: "live", production: true } };
    const question = { ...input, resource: live };
    const vetoes = no.map((one) => ({ ...one, questionDigest: vetoQuestionDigest(question) }));
    const asked = { ...question, facts: { ...question.facts, vetoes } };
    expect(withVetoes(allowed, asked, { ...policies, workflows: observed }, []).effect).toBe("deny");
  });

  it("keeps the stricter of what is observed, and passes nothing that could not be asked", () => {
    const asksFor = fact({ effect: "require", cures: [wait(2027)] });
    expect(watched([asksFor], { ...allowed, observed: "deny" }).observed).toBe("deny");
    expect(watched([asksFor], { ...allowed, observed: "require" }).observed).toBe("require");
    expect(watched([fact({ effect: "deny", fault: "gone" })])).toMatchObject({
      effect: "deny",
      errors: ["veto estate: gone"],
    });
    const erring = { ...allowed, errors: ["before"] };
    expect(watched([fact({ effect: "deny", fault: "gone" })], erring)).toMatchObject({
      effect: "deny",
      errors: ["before", "veto estate: gone"],
    });
    expect(watched([fact({ effect: "deny" })], erring)).toMatchObject({ effect: "allow", errors: ["before"] });
  });
});
