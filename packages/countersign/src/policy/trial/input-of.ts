import type { ApprovalFact, CheckFact, DecisionInput, FlowFacts } from "@countersign/contract";
import { canonical, type Json } from "@countersign/contract";
import { digestText } from "../../floor/digest.ts";
import { amountOf } from "../amount-of.ts";
import { didYouMean } from "../did-you-mean.ts";
import { needsOf } from "../needs.ts";
import type { CompiledPolicies } from "../policy.ts";
import { scopeOf } from "../window-scope.ts";
import type { CallRequest, Placed, StatedCheck, TrialWorld } from "./case.ts";

export type InputRead = { readonly ok: DecisionInput } | { readonly faults: readonly string[] };

const decisionId = "dec_00000000000000000000000000";
const runId = "run_00000000000000000000000000";

/** The question that the gate would ask about such a call; what the request leaves out, the world says. */
export function inputOf(asked: CallRequest, world: TrialWorld, policies: CompiledPolicies): InputRead {
  const faults: string[] = [];
  const unknown = (kind: string, name: string, known: readonly string[]) => {
    const help = didYouMean(name, known);
    faults.push(`there is no ${kind} \`${name.slice(0, 200)}\`${help === undefined ? "" : `; ${help}`}`);
  };
  const agent = world.agent(asked.agent);
  if (agent === undefined) unknown("agent", asked.agent, world.known.agents);
  const workflowName = asked.workflow ?? agent?.workflow ?? "";
  const workflow = world.workflow(workflowName);
  if (workflow === undefined && (asked.workflow !== undefined || agent !== undefined))
    unknown("workflow", workflowName, world.known.workflows);
  const placed = world.place(asked.tool, asked.args);
  if (placed === undefined) unknown("tool", asked.tool, world.known.tools);
  const environment = asked.environment === undefined ? placed?.environment : world.environment(asked.environment);
  if (environment === undefined && asked.environment !== undefined)
    unknown("environment", asked.environment, world.known.environments);
  for (const { person } of asked.approvals)
    if (world.capacities(person, workflowName, asked.at) === undefined) unknown("person", person, world.known.people);
  for (const name of Object.keys(asked.checks)) if (!world.checks.includes(name)) unknown("check", name, world.checks);
  const { sums, steps, formerly, previous } = asked.facts;
  const { names } = policies;
  for (const name of Object.keys(sums ?? {})) if (!names.windows.includes(name)) unknown("sum", name, names.windows);
  const looking = (kind: "formerly" | "previous") =>
    policies.policies.filter(({ annotations }) => annotations.window?.startsWith(`${kind} `)).map(({ id }) => id);
  const [earlier, last] = [looking("formerly"), looking("previous")];
  for (const name of formerly ?? []) if (!earlier.includes(name)) unknown("window of earlier calls", name, earlier);
  for (const name of previous ?? []) if (!last.includes(name)) unknown("window of the call before", name, last);
  for (const name of Object.keys(steps ?? {}))
    if (!names.steps.includes(name)) unknown("limit of steps", name, names.steps);
  if (faults.length > 0) return { faults };
  // Whatever there is not has its fault.
  const named = { agent, workflow, placed, environment } as Named;
  return { ok: inputFrom(asked, world, policies, { ...named, workflowName }) };
}

/** What the names in a request stand for. */
interface Named {
  readonly agent: NonNullable<ReturnType<TrialWorld["agent"]>>;
  readonly workflow: NonNullable<ReturnType<TrialWorld["workflow"]>>;
  readonly placed: Placed;
  readonly environment: Placed["environment"];
}

function inputFrom(
  asked: CallRequest,
  world: TrialWorld,
  policies: CompiledPolicies,
  { agent, workflow, workflowName, placed, environment }: Named & { readonly workflowName: string },
): DecisionInput {
  const { steps, formerly, previous } = asked.facts;
  const sums = sumsOf(asked, workflowName, placed, policies);
  const argsDigest = digestText(canonical(asked.args as Json));
  const callDigest = digestText(canonical([asked.agent, asked.tool, argsDigest]));
  const target = asked.target ?? placed.target;
  return {
    v: 1,
    decisionId,
    at: new Date(asked.at).toISOString(),
    stage: asked.stage ?? (asked.approvals.length > 0 ? "resume" : "call"),
    principal: {
      agent: asked.agent,
      tier: asked.tier ?? world.tierOf(asked.agent, workflowName),
      workflow: workflowName,
      dri: workflow.dri,
      owner: agent.owner,
      ...(asked.for === undefined ? {} : { onBehalfOf: asked.for }),
      groups: [],
    },
    action: {
      tool: asked.tool,
      verb: asked.verb ?? placed.verb,
      definitionDigest: placed.definitionDigest,
      reviewed: asked.facts.reviewed,
    },
    resource: {
      system: placed.system,
      environment,
      target,
      ...(placed.owner === undefined ? {} : { owner: placed.owner }),
      labels: asked.labels ?? placed.labels,
    },
    args: placed.projected,
    argsDigest,
    callDigest,
    facts: {
      cured: [],
      approvals: approvalsOf(asked, world, policies, workflowName, callDigest),
      checks: checksOf(asked, world, argsDigest),
      signals: [...new Set([...(placed.signals ?? []), ...asked.facts.signals])].sort(),
      stopped: asked.facts.stopped,
      reversal: asked.facts.reversal ?? placed.reversal,
      counts: { ...firstIn(asked, workflowName, placed, policies), ...asked.facts.counts },
      ...(sums === undefined ? {} : { sums }),
      ...(steps === undefined ? {} : { steps }),
      ...(formerly === undefined ? {} : { formerly }),
      ...(previous === undefined ? {} : { previous }),
      ...(placed.reach === undefined && asked.facts.reach === undefined
        ? {}
        : { reach: { ...placed.reach, ...asked.facts.reach } }),
      flow: flowOf(asked, placed.flow),
    },
    run: {
      id: runId,
      step: 1,
      tainted: asked.facts.tainted,
      ...(asked.facts.planned === undefined ? {} : { planned: asked.facts.planned }),
    },
  };
}

/** Where nothing is said of a window, this call is the first in it; one that has no value for its scope is in none. */
function firstIn(
  { agent, tool }: CallRequest,
  workflow: string,
  { projected: args, target }: Placed,
  policies: CompiledPolicies,
): { readonly [window: string]: number } {
  const counted = { agent, run: runId, target, args };
  const none = needsOf(policies, workflow, tool).asked.filter((window) => scopeOf(window, counted) === undefined);
  const names = policies.names.windows.filter((name) => !none.some((window) => window.name === name));
  return Object.fromEntries(names.map((name) => [name, 1]));
}

/** Where nothing is said of a window, it holds this call's own amount alone; what is no such amount stays untold. */
function sumsOf(
  { tool, args, facts }: CallRequest,
  workflow: string,
  placed: Placed,
  policies: CompiledPolicies,
): CallRequest["facts"]["sums"] {
  const { asked, counted } = needsOf(policies, workflow, tool);
  const own: { [window: string]: number } = {};
  for (const window of asked) {
    if (window.kind !== "sum") continue;
    const amount = counted.includes(window) ? amountOf(window, args, { ...placed.reach, ...facts.reach }) : 0;
    if (amount !== undefined) own[window.name] = amount;
  }
  const sums = { ...own, ...facts.sums };
  return Object.keys(sums).length === 0 ? facts.sums : sums;
}

/** Of a tainted run whose origins a case does not tell, nobody knows where its destinations came from. */
function flowOf({ facts, tool }: CallRequest, known: Pick<FlowFacts, "effect" | "brings">): FlowFacts {
  const { tainted, read, beyond = [], origins = [tainted ? "none" : "task"] } = facts;
  return { ...known, tainted, sources: tainted ? [{ tool }] : [], read, beyond, origins };
}

/** An answer counts for each policy that asks this person, or for the one that the case names. */
function approvalsOf(
  asked: CallRequest,
  world: TrialWorld,
  policies: CompiledPolicies,
  workflow: string,
  callDigest: string,
): readonly ApprovalFact[] {
  return asked.approvals.flatMap(({ person, policy, agoMs }) => {
    const groups = world.capacities(person, workflow, asked.at) ?? [];
    return policies.policies
      .filter(
        (one) =>
          one.cure?.kind === "approval" && (policy === undefined ? groups.includes(one.cure.from) : one.id === policy),
      )
      .map((one) => ({
        policy: one.id,
        policyDigest: one.digest,
        person,
        groups,
        at: before(asked.at, agoMs),
        callDigest,
        // A case says who approved; how each proved it is for the gate to ask.
        passkey: true as const,
      }));
  });
}

/** The gate runs every check that is configured before it asks; in a case each has passed just now unless it says otherwise. */
function checksOf(asked: CallRequest, world: TrialWorld, argsDigest: string): readonly CheckFact[] {
  return world.checks.flatMap((name) => {
    const stated: StatedCheck = asked.checks[name] ?? { verdict: "pass", agoMs: 0 };
    if (stated.verdict === "none") return [];
    const at = before(asked.at, stated.agoMs);
    return [{ name, version: "case", verdict: stated.verdict, at, evidence: [], microseconds: 0, argsDigest }];
  });
}

function before(at: string, ms: number): string {
  return new Date(Date.parse(at) - ms).toISOString();
}
