import type { Passkey } from "../../identity/index.ts";
import { document, type Html, page, ways } from "./page.ts";

/** A person's passkeys: what they have, and one more. */
export function passkeyPage(passkeys: readonly Passkey[], csrf: string) {
  const list =
    passkeys.length === 0 ? page`<p>None yet.</p>` : page`<ul>${passkeys.map((one) => line(one, csrf))}</ul>`;
  return document(
    "Passkeys",
    page`<h1>Your passkeys</h1><p>A passkey signs an approval: exactly one call, as it was shown to you. What nothing undoes in production takes one.</p>
${list}<h2>Register one</h2>
<form method="post" action="/passkeys" data-passkey="register" data-csrf="${csrf}"><label>What you call it<input name="name" required maxlength="100" placeholder="phone"></label>
<button>Register a passkey</button><output role="status"></output></form>
<p class="quiet">Within ten minutes of logging in.</p>${ways("/people", "Back to the console")}`,
    { asksPasskey: true },
  );
}

function line({ id, name, createdAtMs, lastUsedAtMs, backedUp }: Passkey, csrf: string): Html {
  const used = lastUsedAtMs === undefined ? "never used" : `last used ${new Date(lastUsedAtMs).toISOString()}`;
  return page`<li>${name} <small>registered ${new Date(createdAtMs).toISOString()}, ${used}${backedUp ? ", its maker keeps a copy" : ""}</small>
<form method="post" action="/passkeys/${id}/remove"><input type="hidden" name="csrf" value="${csrf}"><button>Remove</button></form></li>`;
}
