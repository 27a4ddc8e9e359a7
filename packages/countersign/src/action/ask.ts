import type { CheckFact, Decision, Requirement } from "@countersign/contract";
import { iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import { SubjectKey } from "../ledger/seal.ts";
import { argsDigest, type Call, callDigest } from "./call.ts";
import { promised } from "./capture.ts";
import { consider, runBaseChecks } from "./consider.ts";
import { placeSentence } from "./elsewhere.ts";
import type { Parts } from "./parts.ts";
import { callRecord, leanDecision } from "./record.ts";
import { refusedInput } from "./refuse.ts";
import { runOf } from "./run.ts";
import { tierUnder } from "./run-line.ts";
import type { Submission } from "./submission.ts";

/** What would be decided now. */
export interface Advice {
  readonly id: string;
  readonly advisory: true;
  readonly effect: Decision["effect"];
  readonly observed?: "require" | "deny";
  readonly sentence: string;
  readonly requirements: readonly Requirement[];
  readonly checks: readonly CheckFact[];
  readonly policySet: Decision["policySet"];
  readonly receipt: string;
}

/**
 * Decides as for a call and does nothing: no target is read, nothing is held, reserved or sent. The record of it is
 * marked advisory, because whoever asked may act elsewhere.
 */
export async function ask(parts: Parts, caller: Caller, submission: Submission): Promise<Advice> {
  return (await askWithDecision(parts, caller, submission)).advice;
}

/** The same with the whole decision. `depth`: how many decision points passed the question on; `person`: who asks about the agent. */
export async function askWithDecision(
  parts: Parts,
  caller: Caller,
  submission: Submission,
  { depth = 0, person }: { readonly depth?: number; readonly person?: string } = {},
): Promise<{ readonly advice: Advice; readonly decision: Decision; readonly at: string }> {
  const plane = parts.plane.current();
  const tool = plane.tool(submission.server, submission.tool);
  if (tool === undefined) {
    throw new Problem("not_found", `there is no tool \`${submission.server}.${submission.tool.slice(0, 100)}\` here`);
  }
  const classified = tool.classify(submission.args);
  const run = await runOf(parts, caller, submission, { tool: tool.id, target: classified.target });
  const call: Call = {
    id: newId("dec", parts.clock.now()),
    caller: { ...caller, tier: tierUnder(plane, caller, run) },
    submission,
    tool,
    classified,
    run,
    argsDigest: argsDigest(submission.args),
    at: iso(parts.ledger.now()),
  };
  const ran = await runBaseChecks(parts, call);
  const facts = { approvals: [], checks: ran, reversal: promised(call) };
  const { decision, checks, input, revision } = await consider(parts, plane, call, facts, "call", depth);
  const verdict = verdictOf(call, decision, checks, plane.stopFor(subjectOf(call)));
  const leaksSecret = checks.some((check) => check.name !== "schema" && check.verdict !== "pass");
  const payload = {
    call: callRecord(leaksSecret ? withoutSecrets(parts, call) : call, callDigest(call)),
    input: leaksSecret ? refusedInput(parts, input) : input,
    decision: leanDecision(decision),
    checks,
    revision,
    sentence: verdict.sentence,
  };
  await record(parts, call, payload, person);
  const advice: Advice = {
    id: call.id,
    advisory: true,
    ...verdict,
    ...(decision.observed === undefined ? {} : { observed: decision.observed }),
    checks,
    policySet: decision.policySet,
    receipt: `/v1/receipts/${call.id}`,
  };
  return { advice, decision, at: call.at };
}

function subjectOf(call: Call) {
  const { caller, tool, classified } = call;
  return { agent: caller.agent, workflow: caller.workflow, tool: tool.id, system: classified.system };
}

function verdictOf(
  call: Call,
  decision: Decision,
  checks: readonly CheckFact[],
  stopped: { readonly by: string; readonly reason: string } | undefined,
): Pick<Advice, "effect" | "sentence" | "requirements"> {
  const { environment } = call.caller;
  const deny = (sentence: string) => ({ effect: "deny", sentence, requirements: [] }) as const;
  if (stopped !== undefined) return deny(`stopped by ${stopped.by}: ${stopped.reason}`);
  if (environment !== undefined && environment !== call.classified.environment.name)
    return deny(`this credential is for environment \`${environment}\`, and ${placeSentence(call)}`);
  const failed = checks.find((check) => check.verdict !== "pass");
  if (decision.effect !== "deny" && failed !== undefined) return deny(`check \`${failed.name}\` does not pass`);
  const { effect, sentence, requirements } = decision;
  return { effect, sentence, requirements: effect === "require" ? requirements : [] };
}

function withoutSecrets(parts: Parts, call: Call): Call {
  const clean = <T>(value: T): T => parts.checking.redact(value as never).value as T;
  const { submission } = call;
  return { ...call, submission: { ...submission, args: clean(submission.args), params: clean(submission.params) } };
}

async function record(parts: Parts, call: Call, payload: object, person: string | undefined): Promise<void> {
  const key = new SubjectKey(call.id);
  const sealed = key.seal({
    subject: call.id,
    step: 0,
    kind: "advisory",
    from: null,
    to: null,
    agent: call.caller.agent,
    workflow: call.caller.workflow,
    tool: call.tool.id,
    run: call.run.id,
    ...(person === undefined ? {} : { person }),
    payload: JSON.parse(JSON.stringify(payload)),
  });
  await parts.ledger.append({ sealed: [sealed], keys: [{ subject: call.id, wrapped: key.wrapped(parts.wrap) }] });
}
