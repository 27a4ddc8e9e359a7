import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { CheckFact, Decision, DecisionInput, FlowFacts, Tier, Verb } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import { clausesOf } from "./conditions.ts";
import { type Outcome, outcomeFor } from "./decide.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";
import { slicesOf } from "./slice.ts";
import { argumentsRead, type Path, pathsRead } from "./syntax.ts";

/** Who would do what, where; of the call itself nothing is known. */
export interface Explored {
  readonly agent: string;
  readonly workflow: string;
  readonly tier: Tier;
  readonly dri: string;
  readonly owner: string;
  readonly tool: string;
  readonly verb: Verb;
  readonly system: string;
  readonly environment: { readonly name: string; readonly production: boolean };
  readonly reversal: "plan" | "irreversible" | "none";
  readonly reviewed: boolean;
  readonly definitionDigest: string;
  /** Checks that the gate runs by itself; they count as passed. */
  readonly checks: readonly string[];
  readonly at: string;
}

/** Every call of that kind is decided at least as `most` lets it and at most as `least` does; mostly they are one. */
export interface Permission {
  readonly most: Outcome;
  readonly least: Outcome;
  /** Policies whose say depends on the call: its arguments, its target, its run. */
  readonly depends: readonly string[];
}

/** Nobody's question is what somebody may do after a stranger told it to: a run that has read what others wrote may do less. */
const untainted: FlowFacts = {
  effect: "irreversible",
  brings: "internal",
  tainted: false,
  sources: [],
  read: [],
  beyond: [],
  origins: ["task"],
};

const none = `sha256:${"0".repeat(64)}`;

/** The input of such a call without arguments. */
export function exploredInput(asked: Explored): DecisionInput {
  const { at, checks } = asked;
  const argsDigest = digestText("{}");
  return {
    v: 1,
    decisionId: "dec_00000000000000000000000000",
    at,
    stage: "call",
    principal: {
      agent: asked.agent,
      tier: asked.tier,
      workflow: asked.workflow,
      dri: asked.dri,
      owner: asked.owner,
      groups: [],
    },
    action: { tool: asked.tool, verb: asked.verb, definitionDigest: asked.definitionDigest, reviewed: asked.reviewed },
    resource: { system: asked.system, environment: asked.environment, target: asked.tool, labels: [] },
    args: {},
    argsDigest,
    callDigest: none,
    facts: {
      cured: [],
      approvals: [],
      checks: checks.map(
        (name): CheckFact => ({
          name,
          version: "explored",
          verdict: "pass",
          at,
          evidence: [],
          microseconds: 0,
          argsDigest,
        }),
      ),
      signals: [],
      stopped: false,
      reversal: asked.reversal,
      counts: {},
      flow: asked.verb === "read" ? { effect: "read", brings: "internal" } : untainted,
    },
    run: { id: "run_00000000000000000000000000", step: 1, tainted: false },
  };
}

/** What the policies let an agent do with a tool in an environment, whatever the call's arguments are. Pure. */
export function explore(policies: CompiledPolicies, asked: Explored): Permission {
  const input = exploredInput(asked);
  const depends = slicesOf(policies, asked.tool, asked.verb).enforced.policies.filter(varies);
  if (depends.length === 0) {
    const outcome = outcomeFor(input, policies);
    return { most: outcome, least: outcome, depends: [] };
  }
  const { mild, strict } = bounds(policies);
  return {
    most: outcomeFor(input, mild),
    least: outcomeFor(input, strict),
    depends: depends.map((policy) => policy.id),
  };
}

export function answerOf({ most, least }: Permission): Decision["effect"] | "depends" {
  return most.effect === least.effect ? most.effect : "depends";
}

const severity = { allow: 0, require: 1, deny: 2 };

/** What holds of a call of which only its arguments say which of these kinds it is: `permissions` is not empty. */
export function among(permissions: readonly Permission[]): Permission {
  const by = (one: Outcome, other: Outcome) => severity[one.effect] - severity[other.effect];
  const [most] = permissions.map((one) => one.most).sort(by);
  const least = permissions
    .map((one) => one.least)
    .sort(by)
    .at(-1);
  if (most === undefined || least === undefined) throw new Problem("bug", "no kind of call was explored");
  const told = new Set(most.determining.map((policy) => policy.id));
  const between = most.effect === least.effect ? [] : least.determining.map((policy) => policy.id);
  const depends = [...permissions.flatMap((one) => one.depends), ...between.filter((id) => !told.has(id))];
  return { most, least, depends: [...new Set(depends)] };
}

// Owned here alone: a function of the policy set, and dies with it.
const known = new WeakMap<CompiledPolicies, { readonly mild: CompiledPolicies; readonly strict: CompiledPolicies }>();

/**
 * Two sets between which the set decides: in `mild` no forbid bites for what the call says and every permit holds, in
 * `strict` the other way round. A condition that is left out makes its policy hold more often and never less.
 */
function bounds(policies: CompiledPolicies): { readonly mild: CompiledPolicies; readonly strict: CompiledPolicies } {
  const before = known.get(policies);
  if (before !== undefined) return before;
  const made = (lenient: CompiledPolicy["effect"]) => ({
    ...policies,
    policies: policies.policies.flatMap((policy) => {
      if (!varies(policy)) return [policy];
      return policy.effect === lenient ? [withoutVarying(policy)] : [];
    }),
  });
  const both = { mild: made("permit"), strict: made("forbid") };
  known.set(policies, both);
  return both;
}

function withoutVarying(policy: CompiledPolicy): CompiledPolicy {
  const conditions = clausesOf(policy.syntax).filter((clause) => !pathsRead(clause.body).some(isVarying));
  const syntax: PolicyJson = { ...policy.syntax, resource: { op: "All" }, conditions: [...conditions] };
  return { ...policy, syntax, reads: argumentsRead(syntax), unconditional: conditions.length === 0 };
}

/** Ships, and is about undos alone: nobody's question is about one. */
const ofUndos = "undo-changed";

function varies({ id, source, syntax }: CompiledPolicy): boolean {
  if (source === "shipped" && id === ofUndos) return false;
  return syntax.resource.op !== "All" || syntax.conditions.some((clause) => pathsRead(clause.body).some(isVarying));
}

/** What only the call itself says, and not what its run has read before; who asks, with which tool and where is known without it. */
function isVarying([root, first, second]: Path): boolean {
  if (root === "principal") return first === "onBehalfOf";
  if (root === "action") return false;
  if (root === "resource") return first !== "environment" && first !== "system";
  if (first === "tool" || first === "at") return false;
  return !(
    first === "facts" &&
    (second === "cured" || second === "stopped" || second === "reversal" || second === "flow")
  );
}
