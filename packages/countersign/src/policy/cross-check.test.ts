import type { Worker } from "node:worker_threads";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { acme, asks, deploys } from "./acme.fixture.ts";
import { createCrossCheck } from "./cross-check.ts";
import { decide, decisionBytes } from "./decide.ts";
import { evaluateHere } from "./engine.ts";
import type { Evaluate } from "./evaluate.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";
import { holding } from "./prove/request.fixture.ts";
import { type Slice, sliceOf } from "./slice.ts";
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

const all = { op: "All" } as const;
/** A policy that holds for every request. */
function always(id: string, effect: "permit" | "forbid" = "permit"): CompiledPolicy {
  const syntax = { effect, principal: all, action: all, resource: all, conditions: [] };
  return { id, digest: `sha256:${id}`, effect, reads: [], syntax } as unknown as CompiledPolicy;
}
const only = (id: string): Slice => sliceOf([always(id)]);
/** An engine that says of every request that nothing holds. */
const silent: Evaluate = () => ({ permits: [], forbids: [], errors: [] });

/** The thread that the next question starts. */
function nextThread(): Promise<Worker> {
  return new Promise((resolve) => process.once("worker", resolve));
}
const turns = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("what a cross-check asks", () => {
  it("is nothing where its share is met exactly, and all at a share of one", async () => {
    const none = checked(silent, () => 0.5, 0.5);
    none.crossCheck.evaluate(only("a"), holding());
    await none.crossCheck.idle();
    expect(none.disagreements).toEqual([]);
    const every = checked(silent, () => 0.999_999, 1);
    every.crossCheck.evaluate(only("a"), holding());
    await every.crossCheck.idle();
    expect(every.disagreements).toEqual([["a"]]);
  });

  it("is sixty-four evaluations at a time, and more once these are answered", async () => {
    const { crossCheck, disagreements } = checked(silent);
    const slices = Array.from({ length: 70 }, (_, at) => only(`p${at}`));
    for (const slice of slices) crossCheck.evaluate(slice, holding());
    await crossCheck.idle();
    expect(disagreements).toEqual(slices.slice(0, 64).map((_, at) => [`p${at}`]));
    for (const slice of slices.slice(64)) crossCheck.evaluate(slice, holding());
    await crossCheck.idle();
    expect(disagreements).toHaveLength(70);
  });

  it("is nothing any more once it is closed, which is no fault", async () => {
    const { crossCheck, disagreements, broken } = checked(silent);
    await crossCheck.close();
    crossCheck.evaluate(only("a"), holding());
    await crossCheck.idle();
    crossCheck.evaluate(only("b"), holding());
    expect([disagreements, broken]).toEqual([[], []]);
    const asking = checked(silent);
    asking.crossCheck.evaluate(only("a"), holding());
    await asking.crossCheck.close();
    await asking.crossCheck.idle();
    expect(asking.broken).toEqual([]);
  });

  it("carries a slice's policies once, and a number of its own each time", async () => {
    const { crossCheck, disagreements } = checked(silent);
    const started = nextThread();
    const [slice, other] = [only("a"), sliceOf([always("b"), always("c", "forbid")])];
    crossCheck.evaluate(slice, holding());
    const thread = await started;
    expect(thread.resourceLimits?.maxOldGenerationSizeMb).toBe(256);
    const asked: { readonly id: number; readonly policies?: readonly CompiledPolicy[] }[] = [];
    const post = thread.postMessage.bind(thread);
    thread.postMessage = (question) => {
      asked.push(question);
      post(question);
    };
    for (let times = 0; times < 2; times++) for (const one of [slice, other]) crossCheck.evaluate(one, holding());
    await crossCheck.idle();
    expect(asked.map(({ policies: named }) => named?.map(({ id }) => id))).toEqual([
      undefined,
      ["b", "c"],
      undefined,
      undefined,
    ]);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(4);
    expect(disagreements).toEqual([["a"], ["b", "c"]]);
  });
});

describe("two engines", () => {
  const told = async (slice: Slice, evaluate: Evaluate) => {
    const { crossCheck, disagreements, broken } = checked(evaluate);
    crossCheck.evaluate(slice, holding());
    await crossCheck.idle();
    expect(broken).toEqual([]);
    return disagreements;
  };

  it("differ by what each says of a policy: that it permits, forbids or errs", async () => {
    const slice = sliceOf([always("b"), always("a", "forbid"), always("c")]);
    // Permits beside a forbid are asked for by themselves.
    expect(await told(slice, () => ({ permits: ["b", "c"], forbids: ["a"], errors: [] }))).toEqual([]);
    expect(await told(slice, () => ({ permits: ["a"], forbids: ["b"], errors: [] }))).toEqual([["a", "b", "c"]]);
    expect(
      await told(slice, () => ({ permits: ["b"], forbids: ["a"], errors: [{ policy: "c", message: "x" }] })),
    ).toEqual([["c"]]);
    expect(await told(slice, () => ({ permits: ["b", "c", "z"], forbids: ["a"], errors: [] }))).toEqual([["z"]]);
    // What an error says is each engine's own.
    const wrong = { ".": { left: { Var: "context" }, attr: "gone" } } as const;
    const errs = { ...always("e"), syntax: { ...always("e").syntax, conditions: [{ kind: "when", body: wrong }] } };
    const errors = [{ policy: "e", message: "in other words" }];
    expect(await told(sliceOf([errs as CompiledPolicy]), () => ({ permits: [], forbids: [], errors }))).toEqual([]);
  });

  it("are told of again where telling failed, with what was wrong", async () => {
    const broken: string[] = [];
    let times = 0;
    const crossCheck = createCrossCheck({
      share: 1,
      random: () => 0,
      evaluate: silent,
      onDisagreement: async () => {
        if (++times === 1) throw new Error("nobody listens");
      },
      onBroken: (cause) => broken.push(cause),
    });
    open.push(crossCheck);
    const slice = only("a");
    for (let at = 0; at < 3; at++) {
      crossCheck.evaluate(slice, holding());
      await crossCheck.idle();
    }
    expect([times, broken]).toEqual([2, ["Error: nobody listens"]]);
  });

  it("say nothing of a request that the other cannot read, and evaluations go on", async () => {
    const { crossCheck, disagreements, broken } = checked(silent);
    const slice = only("a");
    crossCheck.evaluate(slice, { ...holding(), principal: { type: "no type", id: "a" } });
    await crossCheck.idle();
    expect(broken).toEqual([expect.stringContaining("principal")]);
    crossCheck.evaluate(slice, holding());
    await crossCheck.idle();
    expect([disagreements, broken.length]).toEqual([[["a"]], 1]);
  });
});

describe("a thread that ends", () => {
  it("answers nothing that it was asked, and another is asked from then on, with the policies", async () => {
    const { crossCheck, disagreements, broken } = checked(silent);
    const started = nextThread();
    const slice = only("a");
    crossCheck.evaluate(slice, holding());
    const thread = await started;
    await crossCheck.idle();
    expect(disagreements).toEqual([["a"]]);
    thread.postMessage = () => undefined;
    crossCheck.evaluate(slice, holding());
    crossCheck.evaluate(only("b"), holding());
    const idle = crossCheck.idle();
    await thread.terminate();
    await idle;
    expect(broken).toEqual(["the thread ended"]);
    const again = nextThread();
    crossCheck.evaluate(only("c"), holding());
    expect(await again).not.toBe(thread);
    await crossCheck.idle();
    crossCheck.evaluate(slice, holding());
    await crossCheck.idle();
    expect([disagreements, broken.length]).toEqual([[["a"], ["c"]], 1]);
  });

  it("by a fault of its own says which, once", async () => {
    const { crossCheck, broken } = checked(silent);
    const started = nextThread();
    crossCheck.evaluate(only("a"), holding());
    const thread = await started;
    await crossCheck.idle();
    thread.postMessage(null);
    await turns(() => broken.length > 0);
    await thread.terminate();
    expect(broken).toEqual([expect.stringMatching(/^TypeError: /)]);
  });
});
