import type { Me } from "@countersign/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { useAddress } from "./address.tsx";
import { keepFor, within, writerOf } from "./parts/kept.ts";
import { Trouble } from "./parts/trouble.tsx";
import { plane, trustSession } from "./plane.ts";
import { Door } from "./shell/door.tsx";
import { takeNext } from "./shell/next.ts";

export type Person = Extract<Me, { readonly kind: "person" }>;

const Who = createContext<Person | undefined>(undefined);

/** Knows who looks; whoever is not logged in is told how to be, and nothing below is asked for. */
export function Session({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const { replace } = useAddress();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      const found = await plane().identity.me();
      if (found.kind === "person") {
        trustSession(found.csrf);
        // What was read for another person is not shown to this one for a moment.
        if (isOther(queries.getQueryData<Me>(["me"]), found.email))
          queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
        const next = within((store) => takeNext(store, new URL(location.href), writerOf(found.email)));
        keepFor(found.email);
        if (next !== undefined) replace(next);
      }
      return found;
    },
    refetchInterval: 60_000,
  });
  if (isLoggedOut(me.error)) return <Door />;
  if (me.data === undefined)
    return me.error === null ? null : <Trouble of={me.error} again={() => void me.refetch()} />;
  if (me.data.kind !== "person") return <Door />;
  // Another person begins anew: nothing that one of them wrote or chose is the other's.
  return (
    <Who key={me.data.email} value={me.data}>
      {children}
    </Who>
  );
}

function isOther(before: Me | undefined, email: string): boolean {
  return before?.kind === "person" && before.email !== email;
}

function isLoggedOut(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "not_authenticated";
}

export function usePerson(): Person {
  const person = useContext(Who);
  if (person === undefined) throw new Error("nobody is logged in above this");
  return person;
}

/** Notices are for few, and a link to them for nobody else; the server asks again who may. */
export function readsNotices({ roles }: Pick<Person, "roles">): boolean {
  return roles.some((role) => role === "operator" || role === "admin");
}
