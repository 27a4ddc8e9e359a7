import type { DecisionInput, FlowFacts } from "@countersign/contract";
import { instantMs } from "./instant.ts";
import { verbs } from "./policy.ts";

const stages: readonly string[] = ["list", "call", "resume", "release"];
const knownVerbs: readonly string[] = verbs;

/** What makes an input undecidable. It is typed, yet it is also replayed from storage, and a wrong shape must deny. */
export function inputFaults(input: DecisionInput): readonly string[] {
  const { principal, action, resource, facts } = input;
  const faults: string[] = [];
  if (input.v !== 1) faults.push("the version of the input is not 1");
  if (!knownVerbs.includes(action.verb)) faults.push("the verb is not known");
  if (!stages.includes(input.stage)) faults.push("the stage is not known");
  if (typeof input.at !== "string" || Number.isNaN(instantMs(input.at)))
    faults.push("the time of the decision is not known");
  const texts: readonly unknown[] = [
    principal.agent,
    principal.workflow,
    principal.dri,
    principal.owner,
    action.tool,
    action.definitionDigest,
    resource.system,
    resource.target,
    resource.environment.name,
    input.argsDigest,
    input.callDigest,
    ...principal.groups,
    ...people(principal.vouchedBy),
    ...(Array.isArray(facts.approvals) ? facts.approvals.flatMap((approval) => people(approval.vouchedBy)) : []),
    ...resource.labels,
    ...facts.signals,
    ...people(facts.formerly),
    ...people(facts.previous),
    ...(facts.flow === undefined ? [] : flowTexts(facts.flow)),
  ];
  if (texts.some((text) => typeof text !== "string" || !text.isWellFormed()))
    faults.push("a name in the input is no text");
  const optional: readonly unknown[] = [
    principal.onBehalfOf,
    resource.owner,
    input.run.task,
    input.run.parent,
    facts.reversal,
  ];
  if (optional.some((text) => text !== undefined && typeof text !== "string"))
    faults.push("a name in the input is no text");
  if (!Array.isArray(facts.approvals) || !Array.isArray(facts.checks)) faults.push("approvals or checks are no list");
  const flags: readonly unknown[] = [
    action.reviewed,
    resource.environment.production,
    facts.stopped,
    input.run.tainted,
    input.run.planned,
    facts.flow?.tainted,
  ];
  if (flags.some((flag) => flag !== undefined && typeof flag !== "boolean"))
    faults.push("a yes or no in the input is neither");
  const { money, ...reach } = facts.reach ?? {};
  if (money !== undefined && (!Number.isSafeInteger(money.minor) || typeof money.currency !== "string"))
    faults.push("an amount of money in the input is none");
  const numbers: readonly unknown[] = [principal.tier, input.run.step, ...windows(facts), ...Object.values(reach)];
  if (numbers.some((number) => number !== undefined && !Number.isSafeInteger(number)))
    faults.push("a number in the input is no integer");
  return faults;
}

function windows({ counts, sums = {}, steps = {} }: DecisionInput["facts"]): readonly unknown[] {
  return [counts, sums, steps].flatMap((one) => Object.values(one));
}

function flowTexts({ effect, brings, sources, read, beyond, origins }: FlowFacts): readonly unknown[] {
  const tools: readonly unknown[] = Array.isArray(sources)
    ? sources.map((source: { tool?: unknown }) => source.tool)
    : people(sources);
  return [effect, brings, ...tools, ...people(read), ...people(beyond), ...people(origins)];
}

/** The names in a list that may be absent; of what is no list, something that is no name. */
function people(list: unknown): readonly unknown[] {
  if (list === undefined) return [];
  return Array.isArray(list) ? list : [undefined];
}
