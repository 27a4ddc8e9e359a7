import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { acme, asks, deploys } from "./acme.fixture.ts";
import { createCrossCheck } from "./cross-check.ts";
import { decide, decisionBytes } from "./decide.ts";
import { evaluateHere } from "./engine.ts";
import type { Evaluate } from "./evaluate.ts";
import type { CompiledPolicies } from "./policy.ts";
import { evaluateInWasm } from "./wasm-engine.ts";

let policies: CompiledPolicies;
beforeAll(async () => {
  policies = await acme();
});

const questions = [
  asks(),
  asks({ tool: "helpdesk.send_reply", verb: "execute" }),
  asks({ tool: "helpdesk.draft_refund", verb: "propose", args: { amount: 7 } }),
  deploys(),
  deploys({ production: true }),
  deploys({ production: true, facts: { stopped: true } }),
];

const open: ReturnType<typeof createCrossCheck>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function checked(evaluate: Evaluate, random = () => 0, share = 1) {
  const disagreements: (readonly string[])[] = [];
  const broken: string[] = [];
  const crossCheck = createCrossCheck({
    share,
    random,
    evaluate,
    onDisagreement: async (_, named) => void disagreements.push(named),
    onBroken: (cause) => broken.push(cause),
  });
  open.push(crossCheck);
  return { crossCheck, disagreements, broken };
}

describe("the engine here", () => {
  it("gives the decisions that the WebAssembly engine gives, byte for byte", () => {
    for (const question of questions) {
      const [ours, theirs] = [evaluateHere, evaluateInWasm].map((evaluate) => decide(question, policies, { evaluate }));
      expect(ours && decisionBytes(ours)).toBe(theirs && decisionBytes(theirs));
    }
  });

  it("decides nothing by a set that is closed", () => {
    expect(decide(asks(), policies).effect).toBe("allow");
    expect(decide(asks(), policies, { closed: true })).toMatchObject({ effect: "deny", determining: [] });
  });
});

describe("a cross-check", () => {
  it("finds nothing where both say the same", async () => {
    const { crossCheck, disagreements, broken } = checked(evaluateHere);
    for (const question of questions) decide(question, policies, { evaluate: crossCheck.evaluate });
    await crossCheck.idle();
    expect([disagreements, broken]).toEqual([[], []]);
  });

  it("names the policy of which two engines say two things, once", async () => {
    const blind: Evaluate = (slice, request) => {
      const found = evaluateHere(slice, request);
      return { ...found, forbids: found.forbids.filter((id) => id !== "stop") };
    };
    const { crossCheck, disagreements } = checked(blind);
    const question = deploys({ facts: { stopped: true } });
    for (let i = 0; i < 3; i++) decide(question, policies, { evaluate: crossCheck.evaluate });
    await crossCheck.idle();
    expect(disagreements).toEqual([["stop"]]);
  });

  it("asks its share and no more", async () => {
    let asked = 0;
    const { crossCheck, disagreements } = checked(
      (slice, request) => ({ ...evaluateHere(slice, request), forbids: ["none of these"] }),
      () => (++asked % 2 === 0 ? 0.1 : 0.9),
      0.5,
    );
    decide(asks(), policies, { evaluate: crossCheck.evaluate });
    await crossCheck.idle();
    expect(disagreements).toEqual([]);
    decide(asks(), policies, { evaluate: crossCheck.evaluate });
    await crossCheck.idle();
    expect(disagreements).toHaveLength(1);
  });
});
