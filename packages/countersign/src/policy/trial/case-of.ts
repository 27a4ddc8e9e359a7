import type { DecisionInput, JsonObject } from "@countersign/contract";

/** A case as its file writes it; what is left out is what the workspace and the catalog say. */
export interface WrittenCase {
  readonly [member: string]: unknown;
  readonly expect: { readonly effect: "allow" | "require" | "deny"; readonly policies: readonly string[] };
}

/**
 * The case of a decision that was made: the same question, with everything in it that a case can say, and what was
 * decided. `args` are the call's own arguments. Pure.
 */
export function caseOf(
  name: string,
  input: DecisionInput,
  args: JsonObject,
  expect: WrittenCase["expect"],
): WrittenCase {
  const { principal, action, resource, at, stage } = input;
  return {
    name,
    agent: principal.agent,
    workflow: principal.workflow,
    tier: principal.tier,
    ...(principal.onBehalfOf === undefined ? {} : { for: principal.onBehalfOf }),
    tool: action.tool,
    args,
    verb: action.verb,
    environment: resource.environment.name,
    ...(resource.target === "" ? {} : { target: resource.target }),
    labels: resource.labels,
    ...approvalsOf(input),
    ...checksOf(input),
    facts: factsOf(input),
    stage,
    at,
    expect,
  };
}

function approvalsOf({ facts, at }: DecisionInput): object {
  // Who broke the glass gave none: the case is one without them.
  const given = facts.approvals.filter(({ glass }) => glass === undefined);
  if (given.length === 0) return {};
  return { approvals: given.map((one) => ({ person: one.person, policy: one.policy, ...agoOf(at, one.at) })) };
}

/** The last result of each check on these very arguments; the others decide nothing. */
function checksOf({ facts, argsDigest, at }: DecisionInput): object {
  const own = facts.checks.filter((one) => one.argsDigest === argsDigest);
  const said = Object.fromEntries(own.map((one) => [one.name, { verdict: one.verdict, ...agoOf(at, one.at) }]));
  const worth = Object.entries(said).filter(([, { verdict, ago }]) => verdict !== "pass" || ago !== undefined);
  return worth.length === 0 ? {} : { checks: Object.fromEntries(worth) };
}

function factsOf({ action, facts, run }: DecisionInput): object {
  const { flow, stopped, reversal, signals, counts, sums, steps, formerly, previous, reach } = facts;
  const { beyond = [], origins = [] } = flow ?? {};
  const read = (flow?.read ?? []).filter((one) => one !== "public");
  // Money is counted from the arguments alone, so a case does not say it.
  const { money: _, ...touched } = reach ?? {};
  const counted = Object.entries(counts).filter(([, many]) => many !== 1);
  return {
    ...(stopped ? { stopped } : {}),
    ...(action.reviewed ? {} : { reviewed: false }),
    reversal,
    ...(signals.length === 0 ? {} : { signals }),
    ...(flow?.tainted === true || run.tainted ? { tainted: true } : {}),
    ...(read.length === 0 ? {} : { read }),
    ...(beyond.length === 0 ? {} : { beyond }),
    ...(origins.length === 0 ? {} : { origins }),
    ...(run.planned === undefined ? {} : { planned: run.planned }),
    ...(counted.length === 0 ? {} : { counts: Object.fromEntries(counted) }),
    ...(sums === undefined || Object.keys(sums).length === 0 ? {} : { sums }),
    ...(steps === undefined || Object.keys(steps).length === 0 ? {} : { steps }),
    ...(formerly === undefined || formerly.length === 0 ? {} : { formerly }),
    ...(previous === undefined || previous.length === 0 ? {} : { previous }),
    ...(Object.keys(touched).length === 0 ? {} : { reach: touched }),
  };
}

/** Whole seconds: what is younger than one is just now. */
function agoOf(at: string, then: string): { readonly ago?: string } {
  const seconds = Math.floor((Date.parse(at) - Date.parse(then)) / 1000);
  return seconds < 1 ? {} : { ago: `${seconds}s` };
}
