import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask } from "../plane.ts";

/** Something that is done to a request beside answering it; what it changes is read again. */
export function useDeed<T>(path: string, done: (made: T) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: unknown) => ask<T>(path, { method: "POST", body }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ["approvals"] });
      void queries.invalidateQueries({ queryKey: ["grants"] });
      void queries.invalidateQueries({ queryKey: ["glass"] });
      done(made);
    },
  });
}
