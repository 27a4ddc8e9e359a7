import type { CedarValueJson, EntityJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { DecisionInput, FlowFacts, Reach } from "@countersign/contract";
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
  const known = workflowOf(policies, principal);
  return present({
    tier: principal.tier,
    workflow: principal.workflow,
    dri: principal.dri,
    owner: principal.owner,
    groups: [...principal.groups],
    onBehalfOf: principal.onBehalfOf,
    irreversible: [...(known?.irreversible ?? [])],
  });
}

function target({ resource }: DecisionInput): Values {
  return present({
    system: resource.system,
    environment: present({ name: resource.environment.name, production: resource.environment.production }),
    target: resource.target,
    owner: resource.owner,
    labels: [...resource.labels],
  });
}

function context(
  input: DecisionInput,
  cured: readonly string[],
  args: { readonly [name: string]: CedarValueJson },
  zones: readonly string[],
): Values {
  const { action, facts, run } = input;
  return {
    stage: input.stage,
    at: { __extn: { fn: "datetime", arg: instantText(input.at) } },
    local: present(Object.fromEntries(zones.map((zone) => [zone, clock(zone, input.at)]))),
    tool: { id: action.tool, verb: action.verb, definition: action.definitionDigest, reviewed: action.reviewed },
    args: { ...args },
    run: present({
      id: run.id,
      step: run.step,
      tainted: run.tainted,
      task: run.task,
      parent: run.parent,
      planned: run.planned,
    }),
    facts: present({
      cured: [...cured],
      signals: [...facts.signals],
      stopped: facts.stopped,
      reversal: facts.reversal,
      counts: { ...facts.counts },
      sums: { ...facts.sums },
      steps: { ...facts.steps },
      formerly: [...(facts.formerly ?? [])],
      previous: [...(facts.previous ?? [])],
      reach: reached(facts.reach ?? {}),
      flow: flowed(facts.flow),
    }),
  };
}

function clock(zone: string, at: string): Values | undefined {
  const local = localTime(zone, instantMs(at));
  return local === undefined ? undefined : { ...local };
}

function reached({ money, ...counts }: Reach): Values {
  return present({
    ...counts,
    money: money === undefined ? undefined : { minor: money.minor, currency: money.currency },
  });
}

/** Of a plain read little is known, and a policy that reads more of it errs. */
function flowed(flow: FlowFacts | undefined): Values {
  if (flow === undefined) return {};
  const { effect, brings, tainted, sources, read, beyond, origins } = flow;
  return present({
    effect,
    brings,
    tainted,
    sources: sources === undefined ? undefined : [...new Set(sources.map(({ tool }) => tool))],
    read: read === undefined ? undefined : [...read],
    beyond: beyond === undefined ? undefined : [...beyond],
    origins: origins === undefined ? undefined : [...origins],
  });
}

/** Leaves out what is not known: a policy that reads it errs, and an error denies. */
function present(values: { readonly [name: string]: CedarValueJson | undefined }): Values {
  const kept: Values = {};
  // Plain records of our own: `in` allocates no list of them, and this is the most often run line of a decision.
  for (const name in values) {
    const value = values[name];
    if (value !== undefined && value !== null) kept[name] = value;
  }
  return kept;
}
