import { useQuery } from "@tanstack/react-query";
import { plane } from "../plane.ts";
import type { Request } from "./shape.ts";

/** One request as its approver is shown it; nothing is asked where none is named. */
export function useRequest(id: string | undefined) {
  return useQuery({
    queryKey: ["approvals", "one", id],
    queryFn: async () => (await plane().approvals.get(id ?? "")) as Request,
    enabled: id !== undefined,
  });
}
