import { argumentTypes } from "./argument-types.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";
import { readTexts } from "./read-texts.ts";
import { review } from "./review.ts";

/** A policy set of a few texts that this file trusts, without what ships: made here, in no worker. */
export function smallSet(workflow: string, own = "", more: Partial<CompiledPolicies> = {}): CompiledPolicies {
  const { policies: parsed, faults } = readTexts({
    texts: [
      { source: "workflow", file: "workflows/w.yaml", text: workflow },
      { source: "own", file: "policies/own.cedar", text: own },
    ],
  });
  const reviewed = parsed.map((policy) => review(policy, {}));
  const all = [...faults, ...reviewed.flatMap((one) => (Array.isArray(one) ? one : []))];
  if (all[0] !== undefined) throw new Error(all[0].detail);
  const schema = { type: "object", properties: { amount: { type: "integer" }, note: { type: "string" } } };
  return {
    revision: 1,
    digest: `sha256:${"5".repeat(64)}`,
    policies: reviewed.filter((one): one is CompiledPolicy => !Array.isArray(one)),
    workflows: { w: { agents: ["bot"], mode: "enforce", irreversible: [] } },
    tools: { "s.t": argumentTypes({ id: "s.t", inputSchema: schema }), "s.u": {} },
    names: { windows: ["calls"], steps: [], zones: ["UTC"] },
    warnings: [],
    ...more,
  };
}

/** Lets the workflow use a tool, where the condition holds. */
export function permit(id: string, when = "", tool = "s.t"): string {
  return `@id("${id}") permit (principal in Workflow::"w", action == Action::"${tool}", resource)${when === "" ? "" : ` when { ${when} }`};`;
}

export function forbid(id: string, rest: string): string {
  return `@id("${id}") forbid (principal, action == Action::"s.t", resource) ${rest};`;
}

/** A forbid that lapses with an approval. */
export function asking(id: string, rest = "", from = "leads", count = 1): string {
  return `@id("${id}") @cure("approval") @from("${from}") @count("${count}") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action == Action::"s.t", resource) ${rest} unless { context.facts.cured.contains("${id}") };`;
}
