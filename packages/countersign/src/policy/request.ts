import type { CedarValueJson, EntityJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { DecisionInput, Facts, FlowFacts, Reach } from "@countersign/contract";
import { localTime } from "../floor/local-time.ts";
import { instantMs, instantText } from "./instant.ts";
import { type CompiledPolicies, workflowOf } from "./policy.ts";

/** A question in Cedar's words. Built from typed values only, so that no text of an agent becomes a reference. */
export interface CedarRequest {
  readonly principal: TypeAndId;
  readonly action: TypeAndId;
  readonly resource: TypeAndId;
  readonly context: { readonly [name: string]: CedarValueJson };
  readonly entities: readonly EntityJson[];
}

type Values = { [name: string]: CedarValueJson };

export function cedarRequest(
  input: DecisionInput,
  policies: CompiledPolicies,
  cured: readonly string[],
  args: { readonly [name: string]: CedarValueJson },
  zones: readonly string[] = [],
): CedarRequest {
  const principal = { type: "Agent", id: input.principal.agent };
  const action = { type: "Action", id: input.action.tool };
  const resource = { type: "Target", id: input.resource.target };
  return {
    principal,
    action,
    resource,
    context: context(input, cured, args, zones),
    entities: [
      { uid: principal, attrs: agent(input, policies), parents: agentParents(input) },
      // A tool is under the verb that this call's arguments give it, and under no other.
      { uid: action, attrs: {}, parents: [{ type: "Action", id: input.action.verb }] },
      { uid: resource, attrs: target(input), parents: [{ type: "System", id: input.resource.system }] },
    ],
  };
}

function agentParents({ principal }: DecisionInput): TypeAndId[] {
  return [{ type: "Workflow", id: principal.workflow }, ...principal.groups.map((id) => ({ type: "Group", id }))];
}

function agent({ principal }: DecisionInput, policies: CompiledPolicies): Values {
  const { tier, workflow, dri, owner, groups, onBehalfOf } = principal;
  const values: Values = {};
  if (isKnown(tier)) values.tier = tier;
  if (isKnown(workflow)) values.workflow = workflow;
  if (isKnown(dri)) values.dri = dri;
  if (isKnown(owner)) values.owner = owner;
  values.groups = [...groups];
  if (isKnown(onBehalfOf)) values.onBehalfOf = onBehalfOf;
  values.irreversible = [...(workflowOf(policies, principal)?.irreversible ?? [])];
  return values;
}

function target({ resource }: DecisionInput): Values {
  const { system, target, owner, labels } = resource;
  const { name, production } = resource.environment;
  const environment: Values = {};
  if (isKnown(name)) environment.name = name;
  if (isKnown(production)) environment.production = production;
  const values: Values = {};
  if (isKnown(system)) values.system = system;
  values.environment = environment;
  if (isKnown(target)) values.target = target;
  if (isKnown(owner)) values.owner = owner;
  values.labels = [...labels];
  return values;
}

function context(
  input: DecisionInput,
  cured: readonly string[],
  args: { readonly [name: string]: CedarValueJson },
  zones: readonly string[],
): Values {
  const { action } = input;
  return {
    stage: input.stage,
    at: { __extn: { fn: "datetime", arg: instantText(input.at) } },
    local: clocks(zones, input.at),
    tool: { id: action.tool, verb: action.verb, definition: action.definitionDigest, reviewed: action.reviewed },
    args: { ...args },
    run: inRun(input.run),
    facts: found(input.facts, cured),
  };
}

function inRun({ id, step, tainted, task, parent, planned }: DecisionInput["run"]): Values {
  const values: Values = {};
  if (isKnown(id)) values.id = id;
  if (isKnown(step)) values.step = step;
  if (isKnown(tainted)) values.tainted = tainted;
  if (isKnown(task)) values.task = task;
  if (isKnown(parent)) values.parent = parent;
  if (isKnown(planned)) values.planned = planned;
  return values;
}

function found(facts: Facts, cured: readonly string[]): Values {
  const { stopped, reversal } = facts;
  const values: Values = {};
  values.cured = [...cured];
  values.signals = [...facts.signals];
  if (isKnown(stopped)) values.stopped = stopped;
  if (isKnown(reversal)) values.reversal = reversal;
  values.counts = { ...facts.counts };
  values.sums = { ...facts.sums };
  values.steps = { ...facts.steps };
  values.formerly = [...(facts.formerly ?? [])];
  values.previous = [...(facts.previous ?? [])];
  values.reach = reached(facts.reach ?? {});
  values.flow = flowed(facts.flow);
  return values;
}

function clocks(zones: readonly string[], at: string): Values {
  const values: Values = {};
  for (const zone of zones) {
    const local = clock(zone, at);
    if (local !== undefined) values[zone] = local;
  }
  return values;
}

function clock(zone: string, at: string): Values | undefined {
  const local = localTime(zone, instantMs(at));
  return local === undefined ? undefined : { ...local };
}

function reached({ money, ...counts }: Reach): Values {
  const values: Values = {};
  for (const [name, count] of Object.entries(counts)) if (isKnown(count)) values[name] = count;
  if (money !== undefined) values.money = { minor: money.minor, currency: money.currency };
  return values;
}

/** Of a plain read little is known, and a policy that reads more of it errs. */
function flowed(flow: FlowFacts | undefined): Values {
  const values: Values = {};
  if (flow === undefined) return values;
  const { effect, brings, tainted, sources, read, beyond, origins } = flow;
  if (isKnown(effect)) values.effect = effect;
  if (isKnown(brings)) values.brings = brings;
  if (isKnown(tainted)) values.tainted = tainted;
  if (sources !== undefined) values.sources = [...new Set(sources.map(({ tool }) => tool))];
  if (read !== undefined) values.read = [...read];
  if (beyond !== undefined) values.beyond = [...beyond];
  if (origins !== undefined) values.origins = [...origins];
  return values;
}

/** What is not known is left out: a policy that reads it errs, and an error denies. Also a null, as only storage could hold one. */
function isKnown<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
