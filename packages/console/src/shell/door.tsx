import { useQuery } from "@tanstack/react-query";
import { ask } from "../plane.ts";

/** Who is not logged in: how to be. */
export function Door() {
  const ways = useQuery({
    queryKey: ["login"],
    queryFn: () => ask<{ readonly oidc: { readonly name: string } | null }>("/v1/login"),
    retry: false,
  });
  return (
    <main className="lone">
      <h1>Countersign</h1>
      <p>You are not logged in, or your session ended. Nothing that you did not send was changed.</p>
      {ways.data?.oidc == null ? null : (
        <p>
          <a className="button" href="/login/oidc">
            Log in with {ways.data.oidc.name}
          </a>
        </p>
      )}
      <p>
        A login link works once: the server prints one when it starts, and <code>countersign person link</code> followed
        by your address makes another. An administrator can send you one.
      </p>
    </main>
  );
}
