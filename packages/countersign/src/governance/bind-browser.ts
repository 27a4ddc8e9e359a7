import { codeHash, codeOf } from "../connections/index.ts";
import { bindConsent, selectConsent } from "../connections/sql.ts";
import { sha256 } from "../floor/digest.ts";
import { freshBytes } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import type { Control } from "./control.ts";
import { type Browser, missingConsent, requireOwnSession } from "./look-at-consent.ts";

/**
 * Binds a consent to one browser. Where the person is logged in there, that is enough; else the browser shows a code that
 * they type where they began, so that nobody can have somebody else consent for them.
 */
export async function bindBrowser(
  control: Control,
  id: string,
  browser: Browser,
  isConfirmed: boolean,
): Promise<Secret> {
  const consent = await selectConsent(control.parts.db, id);
  if (consent === undefined) throw missingConsent();
  requireOwnSession(consent, browser);
  const cookie = freshBytes(32).toString("base64url");
  const confirmed = isConfirmed && browser.session !== undefined;
  const bound = { hash: sha256(cookie), codeHash: confirmed ? null : codeHash(codeOf(cookie, id)), confirmed };
  if (!(await bindConsent(control.parts.db, id, bound)))
    throw new Problem("conflict", "it was opened in a browser already, or is over", { help: "begin again" });
  return new Secret(cookie);
}
