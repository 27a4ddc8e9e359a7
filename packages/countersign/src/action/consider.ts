import type {
  ApprovalFact,
  CheckFact,
  Decision,
  DecisionInput,
  FlowFacts,
  Requirement,
  Stage,
  VetoFact,
} from "@countersign/contract";
import { iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { askVetoes } from "./ask-vetoes.ts";
import { beyondArguments } from "./beyond.ts";
import { type Call, callDigest } from "./call.ts";
import { gatherFlow } from "./gather-flow.ts";
import { gatherGrants } from "./gather-grants.ts";
import { decisionInput } from "./input.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import { reachOf } from "./reach.ts";
import { toldFlow } from "./told-flow.ts";
import { gatherFacts } from "./windows.ts";

export interface Considered {
  readonly effect: "allow" | "require" | "deny";
  readonly input: DecisionInput;
  readonly decision: Decision;
  readonly checks: readonly CheckFact[];
  readonly revision: number;
  readonly callDigest: string;
}

/** Run on every call's arguments before anything is decided; none of them can be switched off by a policy. */
const baseChecks = ["schema", "secrets", "secret-reference"] as const;

function isRefusing({ name, verdict }: CheckFact): boolean {
  return verdict !== "pass" && baseChecks.some((base) => base === name);
}

/** The base checks on the arguments, and those for secrets on everything else that the call would carry. */
export async function runBaseChecks(parts: Parts, call: Call): Promise<readonly CheckFact[]> {
  const input = checkInput(call, call.at);
  const facts = await parts.checking.run(baseChecks, input);
  // The state is the server's own, on its way back to it.
  const { requestState: _, ...beyond } = beyondArguments(call.submission) ?? {};
  if (Object.keys(beyond).length === 0) return facts;
  const found = await parts.checking.run(["secrets", "secret-reference"], { ...input, value: beyond });
  const failed = new Map(found.flatMap((fact) => (fact.verdict === "pass" ? [] : [[fact.name, fact] as const])));
  return facts.map((fact) => {
    const worse = fact.verdict === "pass" ? failed.get(fact.name) : undefined;
    return worse === undefined ? fact : { ...worse, evidence: worse.evidence.map(beside) };
  });
}

function beside<E extends CheckFact["evidence"][number]>(evidence: E): E {
  return { ...evidence, pointer: `params${evidence.pointer}` };
}

const maxRounds = 8;
/** Cures that this gate can produce. A requirement of any other kind denies. */
const known = new Set(["approval", "check", "wait", "veto"]);

/**
 * Asks *may this happen now?* until the answer is allow, deny, or something that only people or time can give.
 * INVARIANT: each round closes at least one requirement, or it ends.
 */
export async function consider(
  parts: Parts,
  plane: Plane,
  call: Call,
  known0: {
    readonly approvals: readonly ApprovalFact[];
    readonly checks: readonly CheckFact[];
    readonly reversal: "plan" | "irreversible" | "none";
    /** False where the target has not been read yet. */
    readonly captured?: boolean;
    /** What was gathered of it a moment ago, where the target was read since. */
    readonly flow?: FlowFacts;
  },
  stage: Stage,
  depth = 0,
): Promise<Considered> {
  const considered = await settle(parts, plane, call, known0, stage, depth);
  parts.decisionLog?.add(considered.input, considered.decision);
  return considered;
}

async function settle(
  parts: Parts,
  plane: Plane,
  call: Call,
  known0: Parameters<typeof consider>[3],
  stage: Stage,
  depth: number,
): Promise<Considered> {
  let checks = known0.checks;
  const isCaptured = known0.captured === true;
  const reach = reachOf(call, isCaptured);
  const gathered = {
    ...(await gatherFacts(parts, plane, call, isCaptured)),
    ...(reach === undefined ? {} : { reach }),
  };
  const flow = known0.flow ?? toldFlow(parts, call, await gatherFlow(parts, plane, call));
  let vetoes: readonly VetoFact[] = [];
  let { approvals } = known0;
  let isGranted = false;
  for (let round = 0; round < maxRounds; round++) {
    const at = iso(parts.ledger.now());
    const { reversal } = known0;
    const facts = { approvals, checks, vetoes, stopped: false, reversal, ...gathered, flow };
    const input = decisionInput(call, facts, stage, newId("dec", parts.clock.now()), at);
    const started = parts.clock.tick();
    const decision = plane.decide(input);
    parts.tally.took("decide", parts.clock.tick() - started);
    const considered = { input, decision, checks, revision: plane.revision, callDigest: callDigest(call) };
    if (decision.effect !== "require") return { ...considered, effect: decision.effect };
    const foreign = decision.requirements.find((requirement) => !known.has(requirement.kind));
    if (foreign !== undefined) return { ...considered, effect: "deny", decision: refuse(decision, foreign) };
    const wanted = checksToRun(decision.requirements, checks);
    if (wanted.length === 0 && !isGranted) {
      isGranted = true;
      const granted = await gatherGrants(parts, plane, call, decision, input);
      approvals = [...approvals, ...granted];
      if (granted.length > 0) continue;
    }
    if (wanted.length === 0) {
      const isAsking = decision.requirements.some((requirement) => requirement.kind === "veto");
      // What a base check refuses anyway is sent to nobody.
      if (!isAsking || checks.some(isRefusing)) return { ...considered, effect: "require" };
      vetoes = await askVetoes(parts, plane, input, decision.requirements, depth);
      continue;
    }
    const more = await parts.checking.run(wanted, checkInput(call, at));
    checks = [...checks.filter((check) => !wanted.includes(check.name)), ...more];
  }
  throw new Error("the decision did not settle");
}

/** Checks that a requirement asks for and that have not run on these arguments yet. One that ran and did not cure is not run again. */
function checksToRun(requirements: readonly Requirement[], done: readonly CheckFact[]): string[] {
  const names = requirements.flatMap((requirement) => (requirement.kind === "check" ? [requirement.name] : []));
  return [...new Set(names)].filter((name) => !done.some((check) => check.name === name));
}

function refuse(decision: Decision, requirement: Requirement): Decision {
  return {
    ...decision,
    effect: "deny",
    errors: [...decision.errors, `requirement of kind \`${requirement.kind}\` is not known to this gate`],
    sentence: `refused: policy \`${requirement.policy}\` asks for \`${requirement.kind}\`, which this gate cannot provide yet`,
  };
}

function checkInput(call: Call, at: string) {
  return {
    stage: "arguments" as const,
    server: call.submission.server,
    tool: call.submission.tool,
    schema: call.tool.definition.inputSchema,
    value: call.submission.args,
    digest: call.argsDigest,
    at,
  };
}
