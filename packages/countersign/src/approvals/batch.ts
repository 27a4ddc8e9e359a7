import {
  canonical,
  type Json,
  type JsonObject,
  type Requirement,
  type ReversalPlan,
  type Risk,
} from "@countersign/contract";
import { type Differing, differenceShape } from "./difference-shape.ts";
import { pathsOf } from "./paths.ts";

/** How many may be answered at once. */
export const mostTogether = 20;
/** How many of them have to be opened one by one. */
export const sampleOf = 3;
const longest = 8 * 1024;

/** What decides whether held actions may be answered together. */
export interface Batchable {
  readonly workflow: string;
  readonly server: string;
  readonly tool: string;
  readonly verb: string;
  readonly environment: string;
  readonly requirements: readonly Requirement[];
  readonly args?: Json;
  readonly beyond?: Json;
  readonly plan?: Json | ReversalPlan;
  readonly frozenBy?: string;
  readonly risk?: Risk;
}

/**
 * What all of a batch have in common: tool, target class, argument paths, who is asked by what, the words of risk, and the
 * shape of the difference. Without an effect, what a line of the list says of it: a first sorting.
 */
export function kindOf(open: Batchable, effect?: Differing): string {
  const { workflow, server, tool, verb, environment, requirements, args = null, risk } = open;
  const asked = requirements.map(({ kind, policy, policyDigest }) => ({ kind, policy, policyDigest }));
  const words = risk === undefined ? null : risk.words.map(({ word }) => word).toSorted();
  const shape = effect === undefined ? null : differenceShape(effect, args);
  const kind: JsonObject = { workflow, server, tool, verb, environment, paths: pathsOf(args), asked, words, shape };
  return canonical(kind);
}

/** Why this one has to be looked at by itself, as a sentence. */
export function whyAlone({ args, beyond, frozenBy, plan, requirements, risk, verb }: Batchable): string | undefined {
  if (frozenBy !== undefined) return "it is frozen by a stop";
  if (args === undefined) return "you may not see its call";
  if (verb !== "read" && !isInverse(plan)) return "nothing undoes it, so it is answered by itself";
  if (requirements.some((one) => one.kind === "approval" && one.passkey === true))
    return "it takes a passkey, so it is answered by itself";
  if (risk?.level === "high") return "much depends on it, so it is answered by itself";
  if (beyond !== undefined) return "something travels beside its arguments, so it is answered by itself";
  if (canonical(args).length > longest) return "its call is too long for a list, so it is answered by itself";
  return undefined;
}

function isInverse(plan: Batchable["plan"]): boolean {
  return typeof plan === "object" && plan !== null && "kind" in plan && plan.kind === "inverse";
}
