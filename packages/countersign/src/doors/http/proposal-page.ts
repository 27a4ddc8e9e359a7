import type { ProposalShown } from "../../governance/index.ts";
import { changeLine } from "../../workspace/index.ts";
import { document, type Html, page, ways } from "./page.ts";

const back = ways("/policies?view=signatures", "Everything that waits for a signature");

/** A workspace that waits for a second person: what would change, line by line, and a form that signs exactly that. */
export function proposalPage(shown: ProposalShown, csrf: string | undefined, isOwn: boolean) {
  const changes = shown.plan.changes.map((change) => page`<li><code>${changeLine(change)}</code></li>`);
  const files = shown.files.map((one) => page`<h3>${one.file}</h3><pre>${one.lines.join("\n")}</pre>`);
  const care = shown.plan.needsCare
    ? "Agents may do more afterwards, or nobody can tell here (!, ?)."
    : "None of it lets agents do more.";
  const vouched = shown.vouchedBy.length === 0 ? "" : `, let in by ${shown.vouchedBy.join(" and ")}`;
  return document(
    `Proposal ${shown.id}`,
    page`<h1>${shown.by} asks to put a workspace in force</h1>
<p><small>since ${shown.at}${vouched}; it lapses at ${shown.expiresAt}</small></p>
<h2>What changes</h2><ul>${changes}</ul><p>${care}</p>
<h2>The files, line by line</h2>${files}
<p><small>files ${shown.digest}, in force ${shown.before}</small></p>${forms(shown, csrf, isOwn)}${back}`,
  );
}

export function signedPage(receipt: string) {
  return document(
    "Signed",
    page`<h1>It is in force</h1><p>Your signature is recorded: <a href="${receipt}">${receipt}</a></p>${back}`,
  );
}

export function withdrawnPage() {
  return document(
    "Withdrawn",
    page`<h1>It does not wait any more</h1><p>Nothing was changed. <a href="/">Back</a></p>`,
  );
}

function forms(shown: ProposalShown, csrf: string | undefined, isOwn: boolean): Html {
  if (csrf === undefined) return page`<p class="quiet">Log in with this browser to answer here.</p>`;
  const sign = shown.yours
    ? page`<form method="post" action="/proposals/${shown.id}"><input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="digest" value="${shown.digest}"><input type="hidden" name="reason" value=""><button name="verdict" value="sign">Sign exactly this</button></form>`
    : page`<p class="quiet">${isOwn ? "Another person signs what you proposed." : "This is not yours to sign."}</p>`;
  if (!isOwn && !shown.yours) return sign;
  return page`${sign}<form method="post" action="/proposals/${shown.id}"><input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="digest" value="${shown.digest}"><label>Why not<textarea name="reason" rows="2" maxlength="2000"></textarea></label>
<button name="verdict" value="withdraw">${isOwn ? "Take it back" : "Turn it down"}</button></form>`;
}
