import { useMutation } from "@tanstack/react-query";
import { forgetReasons, noteLogOut, within } from "../parts/kept.ts";
import { Send } from "../parts/send.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { forgetDrafts } from "../plane/kept-draft.ts";
import { ask } from "../plane.ts";
import { usePerson } from "../session.tsx";
import { forgetNext } from "./next.ts";

/** Who is logged in, their passkeys, and the way out: at the provider too, where one let them in. */
export function You() {
  const person = usePerson();
  const out = useMutation({
    mutationFn: () => ask<{ readonly providerUrl?: string }>("/v1/logout", { method: "POST", body: {} }),
    onSuccess({ providerUrl }) {
      noteLogOut();
      forgetWritten(person.email);
      // What was written while the next page was on its way.
      addEventListener("pagehide", () => forgetWritten(person.email));
      location.assign(providerUrl ?? "/");
    },
  });
  return (
    <details className="you">
      <summary>{person.name}</summary>
      <p>
        <small>
          {person.email}
          {person.groups.length === 0 ? "" : `, of ${person.groups.join(", ")}`}
        </small>
      </p>
      <p>
        <a href="/passkeys">Passkeys</a>
      </p>
      {out.error === null ? null : <Trouble of={out.error} />}
      <Send type="button" isSending={out.isPending} onClick={() => out.mutate()}>
        Log out
      </Send>
    </details>
  );
}

function forgetWritten(person: string): void {
  within((store) => {
    forgetDrafts(store, person);
    forgetReasons(store);
    forgetNext(store);
  });
}
