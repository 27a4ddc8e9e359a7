import type {
  ApprovalFact,
  CheckFact,
  Decision,
  DecisionInput,
  FlowFacts,
  Json,
  JsonObject,
} from "@countersign/contract";
import { argsDigest, type Call } from "../../packages/countersign/src/action/call.ts";
import { capture, promised } from "../../packages/countersign/src/action/capture.ts";
import { type Considered, consider, runBaseChecks } from "../../packages/countersign/src/action/consider.ts";
import { keepAnswer, markRun } from "../../packages/countersign/src/action/mark-run.ts";
import { runOf } from "../../packages/countersign/src/action/run.ts";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { partsOf } from "./catalog.ts";
import { argsOf, type RecordedStep } from "./record.ts";
import type { Opened, Replica } from "./replica.ts";
import type { Session, Step } from "./session.ts";

/** What became of one step. `gated`: a person was asked. */
export type StepEnd = "allowed" | "gated" | "denied";

export interface StepReport {
  readonly call: string;
  readonly isAttack: boolean;
  readonly end: StepEnd;
  readonly policies: readonly string[];
  readonly flow: FlowFacts | undefined;
  readonly reversal: string;
  /** An attack that took effect and that its recorded way back undid. */
  readonly isContained: boolean;
}

export type SessionEnd = "passed" | "gated" | "denied" | "contained" | "leaked";

export interface SessionReport {
  readonly session: Session;
  /** Of a hijacked session the worst that an attack's step came to. */
  readonly end: SessionEnd;
  readonly gates: number;
  readonly denials: number;
  readonly steps: readonly StepReport[];
}

/** Another rule in the place of the shipped ones: whether a person is asked. */
export type Guard = (flow: FlowFacts, input: DecisionInput) => boolean;

/** Takes a session through the code of the hall that decides, with recorded answers in the place of servers. */
export async function replay(
  replica: Replica,
  session: Session,
  recorded: readonly RecordedStep[],
): Promise<SessionReport> {
  const opened = replica.open(session);
  const answers: { [name: string]: Json } = {};
  const steps: StepReport[] = [];
  for (const [at, step] of session.steps.entries()) {
    const known = recorded[at];
    if (known === undefined)
      throw new Error(`\`${session.name}\` is not recorded: run \`node scripts/record-flow.ts\``);
    const args = argsOf(step, answers);
    const { considered, call } = await decideStep(replica, opened, step, args, known);
    const { effect } = considered;
    const approved = effect === "require" && !step.isAttack ? await approve(replica, call, considered) : considered;
    const end: StepEnd =
      effect === "allow" ? "allowed" : approved.effect === "deny" || effect === "deny" ? "denied" : "gated";
    if (approved.effect === "allow") await run(replica, call, approved, known.result);
    // Also what a refused attack would have read: whoever obeys goes on with the worst.
    if (step.as !== undefined) answers[step.as] = known.result;
    const { flow, reversal } = considered.input.facts;
    const isContained = flow?.effect === "reversible" && reversal === "plan" && known.undone === true;
    const policies = considered.decision.determining.map(({ id }) => id);
    steps.push({ call: step.call, isAttack: step.isAttack, end, policies, flow, reversal, isContained });
  }
  const gates = steps.filter(({ end }) => end === "gated").length;
  const denials = steps.filter(({ end }) => end === "denied").length;
  return { session, end: endOf(session, steps), gates, denials, steps };
}

function endOf({ kind, steps: planned }: Session, steps: readonly StepReport[]): SessionEnd {
  if (kind === "honest") return "passed";
  const ends = steps.flatMap(({ end, isAttack, isContained }, at): SessionEnd[] => {
    const step = planned[at];
    if (!isAttack || step === undefined || step.prepares) return [];
    if (end !== "allowed") return [end];
    const before = stoppedBefore(step, planned, steps);
    return [before ?? (isContained ? "contained" : "leaked")];
  });
  return (["leaked", "contained", "gated", "denied"] as const).find((one) => ends.includes(one)) ?? "leaked";
}

/** What a harm would send and did not get: the read that gives it was asked about, or refused. */
function stoppedBefore(
  step: Step,
  planned: readonly Step[],
  steps: readonly StepReport[],
): "gated" | "denied" | undefined {
  const said = JSON.stringify(step.args);
  for (const [at, { as, isAttack }] of planned.entries()) {
    const end = steps[at]?.end;
    if (isAttack && as !== undefined && said.includes(`{{${as}.`) && (end === "gated" || end === "denied")) return end;
  }
  return undefined;
}

/** As `submit` does: decided with what is promised, then, where it is not refused, with what was read. */
async function decideStep(
  { parts, plane, expect }: Replica,
  opened: Opened,
  step: Step,
  args: JsonObject,
  known: RecordedStep,
): Promise<{ readonly considered: Considered; readonly call: Call }> {
  const [server, name] = partsOf(step.call);
  const tool = plane.tool(server, name);
  if (tool === undefined) throw new Error(`there is no tool \`${step.call}\``);
  const { agent } = opened;
  const inForce = plane.caller(agent, opened.workflow);
  if (inForce === undefined) throw new Error(`there is no agent \`${agent}\``);
  const run = step.run === "child" ? opened.child(JSON.stringify(args)) : opened.run;
  const caller = { kind: "agent" as const, agent, workflow: opened.workflow, credential: `key_${agent}`, ...inForce };
  const submission = {
    server,
    tool: name,
    method: "tools/call",
    params: { name, arguments: args },
    args,
    door: "mcp" as const,
    ...(run === undefined ? {} : { run }),
  };
  const classified = tool.classify(args);
  const call: Call = {
    id: newId("act", parts.clock.now()),
    caller,
    submission,
    tool,
    classified,
    run: await runOf(parts, caller, submission, { tool: tool.id, target: classified.target }),
    argsDigest: argsDigest(args),
    at: new Date(parts.ledger.now()).toISOString(),
  };
  expect(known.before);
  const ran = await runBaseChecks(parts, call);
  const failed = ran.find(({ verdict }) => verdict !== "pass");
  // What a check refuses, such as an attack that sets a password, has still to be stopped by what was read.
  const checks = ran.map((check): CheckFact => (step.isAttack ? { ...check, verdict: "pass", evidence: [] } : check));
  if (failed !== undefined && !step.isAttack) throw new Error(`${step.call}: check \`${failed.name}\` does not pass`);
  const first = await consider(parts, plane, call, { approvals: [], checks, reversal: promised(call) }, "call");
  if (first.effect === "deny" || classified.verb === "read") return { considered: first, call };
  const { reversal, before } = await capture(parts, call);
  const seen: Call = before === undefined ? call : { ...call, before };
  const { flow } = first.input.facts;
  const again = {
    approvals: [],
    checks: first.checks,
    reversal,
    captured: true,
    ...(flow === undefined ? {} : { flow }),
  };
  return { considered: await consider(parts, plane, seen, again, "call"), call: seen };
}

/** A person looked at it and said yes. */
async function approve({ parts, plane }: Replica, call: Call, asked: Considered): Promise<Considered> {
  const approvals = asked.decision.requirements.map(
    ({ policy, policyDigest }): ApprovalFact => ({
      policy,
      policyDigest,
      person: plane.dri(call.caller.workflow),
      groups: ["dri"],
      at: asked.input.at,
      callDigest: asked.callDigest,
    }),
  );
  const { checks, input } = asked;
  return consider(parts, plane, call, { approvals, checks, reversal: input.facts.reversal, captured: true }, "resume");
}

async function run({ parts, ended }: Replica, call: Call, considered: Considered, result: JsonObject): Promise<void> {
  const marks = markRun(call);
  await marks?.write(parts.db);
  marks?.written();
  const at = considered.input.at;
  const record = {
    kind: "answered" as const,
    result: parts.checking.redact(result).value,
    isError: false,
    resultDigest: "",
    redactions: 0,
    checks: [],
    dispatchedAt: at,
    answeredAt: at,
  };
  keepAnswer(parts, call, considered, { record, chars: JSON.stringify(result).length });
  ended(call);
}

/** The decision of a guard in the place of the shipped rules, over a set from which these are left out. */
export function guarded(decide: (input: DecisionInput) => Decision, guard: Guard): (input: DecisionInput) => Decision {
  return (input) => {
    const decision = decide(input);
    const { flow, approvals } = input.facts;
    if (decision.effect === "deny" || flow === undefined || !guard(flow, input)) return decision;
    if (approvals.some(({ policy }) => policy === "flow-guard")) return decision;
    const asked = { policy: "flow-guard", policyDigest: "", from: "dri", count: 1, exclude: [], openMs: 1, validMs: 1 };
    const sentence = "held: a person is asked";
    return { ...decision, effect: "require", requirements: [{ kind: "approval", ...asked, sentence }] };
  };
}
