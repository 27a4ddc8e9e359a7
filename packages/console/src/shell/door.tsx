import { useEffect } from "react";
import { here } from "../address.tsx";
import { keptFor, within } from "../parts/kept.ts";
import { forgetNext, keepNext } from "./next.ts";

/** What a login at a provider can bring back; the rest of the address is kept in this tab. */
const plainPath = /^\/(?!\/)[\w./-]{0,299}$/;

/** Who is not logged in: how to be. */
export function Door() {
  useEffect(() => {
    within((store) => keepNext(store, here(), keptFor(store)));
    return () => within(forgetNext);
  }, []);
  const query = plainPath.test(location.pathname) ? `?next=${encodeURIComponent(location.pathname)}` : "";
  return (
    <main className="lone">
      <h1>Countersign</h1>
      <p>
        You are not logged in, or your session ended. Nothing that you did not send was changed: an answer that still
        waited in this page was not sent.
      </p>
      <p>
        <a className="button" href={`/login${query}`}>
          Log in
        </a>
      </p>
      <p>
        A login link works once: the server prints one when it starts, and <code>npx countersign person invite</code>{" "}
        followed by your address and <code>--local</code> makes another on the server's own machine. An administrator
        can send you one. Opened in this tab, it brings you back to this page.
      </p>
    </main>
  );
}
