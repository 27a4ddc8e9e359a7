import { describe, expect, it } from "vitest";
import { asks, check } from "./acme.fixture.ts";
import type { Evaluated } from "./evaluate.ts";
import { judge } from "./judge.ts";
import type { CompiledPolicy } from "./policy.ts";
import { sentenceFor } from "./sentence.ts";
import type { Slice } from "./slice.ts";

const policy = (id: string, more: object) =>
  ({ id, digest: `sha256:${id}`, obligations: [], ...more }) as unknown as CompiledPolicy;
const policies = [
  policy("p", { effect: "permit", title: "lets it" }),
  policy("redacting", { effect: "permit", obligations: [{ kind: "redact", properties: { labels: ["secret"] } }] }),
  policy("telling", { effect: "permit", obligations: [{ kind: "notify", properties: { to: ["sre"] } }] }),
  policy("hoping", { effect: "permit", obligations: [{ kind: "hope", properties: {} }] }),
  policy("f", { effect: "forbid" }),
  policy("wait", { effect: "forbid", cure: { kind: "wait", until: "2027-01-01T00:00:00.000Z" } }),
  policy("past", { effect: "forbid", cure: { kind: "wait", until: "2026-01-01T00:00:00.000Z" } }),
  policy("plan", { effect: "forbid", cure: { kind: "check", names: ["plan"], maxAgeMs: 900_000 } }),
];
const slice = { byId: new Map(policies.map((one) => [one.id, one])) } as unknown as Slice;
const input = asks({
  tool: "helpdesk.draft_refund",
  verb: "execute",
  facts: { checks: [check("plan", { verdict: "fail" })] },
});
const judged = (more: Partial<Evaluated>) => judge(slice, { permits: [], forbids: [], errors: [], ...more }, input);
const told = (more: Partial<Evaluated>) => {
  const judgement = judged(more);
  return [judgement.effect, judgement.why, judgement.determining.map(({ id }) => id).join()];
};
const said = (more: Partial<Evaluated>) => sentenceFor(judged(more), input);
const whom = "`ana@acme.example`, who answers for workflow `support-replies`";

describe("a judgement", () => {
  it("allows where something permits and nothing forbids, with what that obliges to", () => {
    expect(judged({ permits: ["p", "redacting"] })).toEqual({
      effect: "allow",
      why: "permitted",
      determining: [policies[0], policies[1]],
      requirements: [],
      obligations: [{ kind: "redact", properties: { labels: ["secret"] }, policy: "redacting" }],
      errors: [],
    });
  });

  it("denies where nothing permits, or something forbids for good, whatever else could be cured", () => {
    expect(told({})).toEqual(["deny", "nothing permits", ""]);
    expect(told({ forbids: ["wait"] })).toEqual(["deny", "nothing permits", "wait"]);
    expect(told({ permits: ["p"], forbids: ["wait", "f"] })).toEqual(["deny", "forbidden", "f"]);
    expect(told({ forbids: ["f"] })).toEqual(["deny", "forbidden", "f"]);
  });

  it("denies whatever holds where one policy could not be evaluated, and names it", () => {
    const errors = [{ policy: "f", message: "no such attribute" }];
    expect(judged({ permits: ["p"], errors })).toMatchObject({
      effect: "deny",
      why: "errors",
      determining: [{ id: "f" }],
      errors: ["f: no such attribute"],
    });
  });

  it("asks for what cures each forbid", () => {
    expect(told({ permits: ["p"], forbids: ["wait"] })).toEqual(["require", "cures", "wait,p"]);
    expect(judged({ permits: ["p"], forbids: ["wait"] })).toMatchObject({
      requirements: [{ kind: "wait", policy: "wait" }],
      obligations: [],
      errors: [],
    });
  });

  it("denies where a check did not pass, and where a cure that is met does not cure", () => {
    expect(told({ permits: ["p"], forbids: ["wait", "plan"] })).toEqual(["deny", "impossible", "plan"]);
    expect(judged({ permits: ["p"], forbids: ["past"] })).toMatchObject({
      effect: "deny",
      why: "errors",
      errors: ["past: its cure is met and does not cure it"],
    });
  });

  it("denies an obligation that the gate does not carry out", () => {
    expect(judged({ permits: ["p", "hoping"] })).toMatchObject({
      effect: "deny",
      why: "obligation",
      determining: [{ id: "p" }, { id: "hoping" }],
      obligations: [],
      errors: ["obligation `hope` is none that this gate carries out"],
    });
    expect(judged({ permits: ["redacting", "telling"] })).toMatchObject({
      effect: "deny",
      errors: ["obligation `notify` is none that this gate carries out"],
    });
  });
});

describe("the sentence for an agent", () => {
  it("says what was decided, by which rule, who can change it, and what to do now", () => {
    expect(said({ permits: ["p", "redacting"] })).toBe("allowed by `p` (lets it), `redacting`");
    expect(said({ permits: ["p"], forbids: ["wait"] })).toBe(
      "held: `helpdesk.draft_refund` needs waiting until 2027-01-01T00:00:00.000Z (rule `wait`). It runs by itself once that is there; do not send it again",
    );
    expect(said({ forbids: ["f"] })).toBe(
      `refused by \`f\`. Sending it again changes nothing; do it another way, or ask ${whom}`,
    );
    expect(said({ permits: ["p"], forbids: ["plan"] })).toBe(
      "refused by `plan`: check `plan` did not pass. Change the call so that the check passes, or ask `ana@acme.example`",
    );
    expect(said({})).toBe(
      "refused: no rule of workflow `support-replies` allows `helpdesk.draft_refund` to this agent. Use another tool, or ask `ana@acme.example` to add it to the workflow",
    );
    const undecided = `refused: the rules could not be evaluated for this call, and what cannot be decided is denied. Ask ${whom}`;
    expect(said({ permits: ["hoping"] })).toBe(undecided);
    expect(said({ errors: [{ policy: "f", message: "x" }] })).toBe(undecided);
  });
});
