import type { ApprovalFact, DecisionInput, Requirement } from "@countersign/contract";
import { fits, type GrantedCall, type GrantShape } from "../approvals/index.ts";
import { type GrantRow, standingGrants } from "../approvals/sql.ts";
import { readSubject, type Subject } from "../ledger/read.ts";
import { excluded, grantQuestion, takesGrants, tally } from "../policy/index.ts";
import { shownBeyond } from "./beyond.ts";
import { type Call, callDigest } from "./call.ts";
import { capacitiesOf, nobodyStandsIn } from "./capacities.ts";
import type { Parts } from "./parts.ts";
import type { Plane } from "./plane.ts";
import type { CallRecord } from "./record.ts";
import { recordsOf } from "./stored-record.ts";

type Approval = Extract<Requirement, { kind: "approval" }>;

/**
 * What people granted beforehand of what is still asked for: no more than is missing, so that no use is counted for
 * nothing. Read from the database each time: what was revoked elsewhere a moment ago is not here.
 */
export async function gatherGrants(
  parts: Parts,
  plane: Plane,
  call: Call,
  { requirements }: { readonly requirements: readonly Requirement[] },
  input: DecisionInput,
): Promise<readonly ApprovalFact[]> {
  // Whoever granted it had no leaked key before their eyes: people are asked about this one.
  if (call.keyRevoked === true) return [];
  const asked = requirements.filter(
    (one): one is Approval => one.kind === "approval" && takesGrants(one.grants, grantQuestion(input)),
  );
  if (asked.length === 0) return [];
  const { workflow, agent } = call.caller;
  const standing = await standingGrants(parts.db, { workflow, tool: call.tool.id, agent });
  const fitting: GrantRow[] = [];
  for (const row of standing) if (await isFor(parts, row, call)) fitting.push(row);
  const found: ApprovalFact[] = [];
  for (const one of asked) found.push(...missingOf(plane, call, one, fitting, input));
  return found;
}

async function isFor(parts: Parts, row: GrantRow, call: Call): Promise<boolean> {
  const shape = shapeOf(await readSubject(parts.db, row.id, parts.wrap));
  const given = grantedCallOf(await readSubject(parts.db, row.approval, parts.wrap));
  // Where what was granted, or what was looked at, was erased, nobody can say what this was for.
  return shape !== undefined && given !== undefined && fits(shape, given, askingCall(call));
}

/** The fewest of these grants that bring the most people to one question. */
function missingOf(
  plane: Plane,
  call: Call,
  asked: Approval,
  rows: readonly GrantRow[],
  { at, callDigest: digest, facts, principal }: DecisionInput,
): readonly ApprovalFact[] {
  const quorum = {
    ...asked,
    callDigest: digest,
    excluded: excluded(asked.exclude, principal),
    takesGrants: true,
  };
  const atMs = Date.parse(at);
  const found: ApprovalFact[] = [];
  let { missing } = tally(quorum, facts.approvals, atMs);
  for (const row of rows) {
    if (missing === 0) break;
    const isAsked = row.policies.some(
      ({ policy, policyDigest }) => policy === asked.policy && policyDigest === asked.policyDigest,
    );
    if (!isAsked) continue;
    const fact = factOf(plane, call, asked, row);
    const left = tally(quorum, [...facts.approvals, ...found, fact], atMs).missing;
    if (left >= missing) continue;
    found.push(fact);
    missing = left;
  }
  return found;
}

function factOf(plane: Plane, call: Call, { policy, policyDigest }: Approval, row: GrantRow): ApprovalFact {
  const fact: ApprovalFact = {
    policy,
    policyDigest,
    person: row.person,
    ...(row.vouched_by.length === 0 ? {} : { vouchedBy: row.vouched_by }),
    groups: row.groups,
    at: row.given_at,
    callDigest: callDigest(call),
    grant: { id: row.id, until: row.until },
  };
  return { ...fact, groups: capacitiesOf(plane, call.caller.workflow, fact, nobodyStandsIn) };
}

function askingCall({ caller, classified, submission, tool }: Call): GrantedCall {
  const beyond = shownBeyond(submission);
  return {
    agent: caller.agent,
    ...(caller.onBehalfOf === undefined ? {} : { onBehalfOf: caller.onBehalfOf }),
    workflow: caller.workflow,
    server: submission.server,
    tool: submission.tool,
    method: submission.method,
    definition: tool.digest,
    environment: classified.environment.name,
    verb: classified.verb,
    tier: caller.tier,
    target: classified.target,
    args: submission.args,
    ...(beyond === undefined ? {} : { beyond }),
  };
}

/** The call that was looked at when a grant was given, as its action's record has it. */
export function grantedCallOf(subject: Subject): (GrantedCall & { readonly record: CallRecord }) | undefined {
  const record = recordsOf(subject)[0]?.call;
  const first = subject.entries[0]?.entry;
  if (record === undefined || first === undefined) return undefined;
  const beyond = shownBeyond(record);
  return {
    agent: first.agent ?? "",
    ...(record.onBehalfOf === undefined ? {} : { onBehalfOf: record.onBehalfOf }),
    workflow: first.workflow ?? "",
    server: record.server,
    tool: record.tool,
    method: record.method,
    definition: record.definitionDigest,
    environment: record.environment,
    verb: record.verb,
    tier: record.tier,
    target: record.target,
    args: record.args,
    ...(beyond === undefined ? {} : { beyond }),
    record,
  };
}

/** The shape that the entry of a grant states; undefined where it was erased. */
export function shapeOf(subject: Subject): GrantShape | undefined {
  return (subject.entries[0]?.payload as { readonly shape?: GrantShape } | null | undefined)?.shape;
}

/** The grants that a decision counted, each once. */
export function grantsIn({ facts }: Pick<DecisionInput, "facts">): readonly string[] {
  return [...new Set(facts.approvals.flatMap(({ grant }) => (grant === undefined ? [] : [grant.id])))].sort();
}
