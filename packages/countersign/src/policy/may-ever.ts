import { type CompiledPolicies, type CompiledPolicy, isObserved, workflowOf } from "./policy.ts";

export interface Asker {
  readonly agent: string;
  readonly workflow: string;
  readonly groups?: readonly string[];
}

// Owned here alone: a function of the policy set, and dies with it.
const grants = new WeakMap<CompiledPolicies, Map<string, Grants>>();

interface Grants {
  readonly permits: readonly CompiledPolicy[];
  readonly blocks: readonly CompiledPolicy[];
}

/** Whether some call of this tool could ever be allowed to this agent: what `tools/list` shows at that instant. */
export function mayEver(policies: CompiledPolicies, asker: Asker, tool: string, atMs: number): boolean {
  if (!Object.hasOwn(policies.tools, tool)) return false;
  const workflow = workflowOf(policies, asker);
  if (workflow === undefined) return false;
  if (isObserved(workflow, atMs)) return true;
  const { permits, blocks } = grantsOf(policies, tool);
  return permits.some((policy) => applies(policy, asker)) && !blocks.some((policy) => applies(policy, asker));
}

function grantsOf(policies: CompiledPolicies, tool: string): Grants {
  const ofSet = grants.get(policies) ?? new Map<string, Grants>();
  grants.set(policies, ofSet);
  const known = ofSet.get(tool);
  if (known !== undefined) return known;
  const matching = policies.policies.filter(
    (policy) => policy.mode !== "observe" && (policy.action === null || policy.action.includes(tool)),
  );
  const found = {
    permits: matching.filter((policy) => policy.effect === "permit"),
    blocks: matching.filter((policy) => policy.effect === "forbid" && policy.unconditional),
  };
  ofSet.set(tool, found);
  return found;
}

function applies({ principal }: CompiledPolicy, asker: Asker): boolean {
  if (principal === null) return true;
  if (principal.type === "Agent") return principal.id === asker.agent;
  if (principal.type === "Workflow") return principal.id === asker.workflow;
  return (asker.groups ?? []).includes(principal.id);
}
