import { didYouMean } from "./did-you-mean.ts";
import type { CompiledPolicies } from "./policy.ts";

/** The policy that was probably meant, as a remedy. */
export function nearestId(id: string, policies: CompiledPolicies): string | undefined {
  return didYouMean(
    id,
    policies.policies.map((policy) => policy.id),
  );
}
