import { describe, expect, it } from "vitest";
import { asks } from "./acme.fixture.ts";
import { decide } from "./decide.ts";
import { forbid, permit, smallSet } from "./small-set.fixture.ts";

const call = (args: { readonly [name: string]: number | string }, more = {}) =>
  asks({ tool: "s.t", verb: "execute", args, principal: { agent: "bot", workflow: "w" }, ...more });
const big = forbid("big", "when { context.args has amount && context.args.amount > 500 }");

describe("what cannot be decided", () => {
  it("is denied where a policy reads an argument that has no exact form, and says which", () => {
    const { micros, inputDigest, policySet, ...decision } = decide(call({ amount: 1.5 }), smallSet(permit("may"), big));
    const [policy] = smallSet("", big).policies;
    expect(decision).toEqual({
      v: 1,
      effect: "deny",
      determining: [{ id: "big", effect: "forbid", digest: policy?.digest, text: policy?.text }],
      requirements: [],
      obligations: [],
      errors: ["argument `amount`: it is no integer, or too large to be exact, and a policy reads it"],
      nearMiss: [{ policy: "may", sentence: "its conditions do not hold for agent `bot`" }],
      sentence:
        "refused: the rules could not be evaluated for this call, and what cannot be decided is denied. Ask `ana@acme.example`, who answers for workflow `w`",
    });
    expect([micros, policySet]).toEqual([0, { revision: 1, digest: `sha256:${"5".repeat(64)}` }]);
    expect(inputDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    // What no policy reads hinders nothing.
    expect(decide(call({ note: 7 }), smallSet(permit("may"), big)).effect).toBe("allow");
  });

  it("is denied where the set is closed, the input has no form, nothing is proven, or the tool is not known", () => {
    const set = smallSet(permit("may"));
    const bare = { determining: [], requirements: [], obligations: [], nearMiss: [], effect: "deny" };
    const undecided = "refused: the rules could not be evaluated for this call, and what cannot be decided is denied";
    expect(decide(call({}), set, { closed: true })).toMatchObject({
      ...bare,
      errors: ["two engines disagree about a policy of this set, so the set is closed"],
      sentence: undecided,
    });
    expect(decide(call({ n: 1n as never }), set)).toMatchObject({
      ...bare,
      errors: ["the input has no canonical form"],
      sentence: undecided,
      inputDigest: "",
    });
    expect(decide(call({}), set, { unproven: "refused: nothing is proven" })).toMatchObject({
      ...bare,
      errors: [],
      sentence: "refused: nothing is proven",
    });
    expect(decide({ ...call({}), stage: "odd" as never }, set)).toMatchObject({
      ...bare,
      errors: ["the stage is not known"],
      sentence: undecided,
    });
    for (const tool of ["s.none", "toString"])
      expect(decide(call({}, { tool }), set)).toMatchObject({
        ...bare,
        errors: [],
        sentence: `refused: no tool \`${tool}\` is known here`,
      });
    const evaluate = () => {
      throw new Error("secret");
    };
    expect(decide(call({}), set, { evaluate })).toMatchObject({
      ...bare,
      errors: ["the policy engine could not evaluate this call"],
      sentence: undecided,
    });
    let tick = 0;
    expect(decide(call({}), set, { tick: () => (tick += 1.5) }).micros).toBe(1_500);
  });
});
