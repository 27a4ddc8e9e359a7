import type { PolicyDecisions } from "@countersign/client";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../plane.ts";

/** What policies said about the newest actions; of a named one each decision. */
export function useDecisions(policy?: string) {
  return useQuery({
    queryKey: ["actions", "decisions", policy ?? ""],
    queryFn: ({ signal }) => ask<PolicyDecisions>("/v1/policies/decisions", { query: { policy }, signal }),
    staleTime: 30_000,
  });
}
