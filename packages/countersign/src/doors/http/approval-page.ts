import type { ActionView } from "@countersign/contract";
import type { ShownApproval } from "../../governance/index.ts";
import { document, type Html, page } from "./page.ts";

/** A held action as a page: the effect first, then the raw call to the last byte, the agent's own words last. */
export function approvalPage(shown: ShownApproval, csrf: string | undefined, nowMs: number) {
  const asked = shown.requirements.map((one) => page`<li>${one.sentence}</li>`);
  const undo =
    shown.plan === undefined
      ? "It is not known how to undo it."
      : "sentence" in shown.plan
        ? shown.plan.sentence
        : shown.plan.reason;
  const before = shown.before === undefined ? none : page`<h2>What is there now</h2>${pre(shown.before)}`;
  const call = shown.args === undefined ? page`<p>You may not see the arguments.</p>` : pre(shown.args);
  const beyond = shown.beyond === undefined ? none : page`<h3>What travels with the arguments</h3>${pre(shown.beyond)}`;
  const claim =
    shown.claim === undefined ? none : page`<h2>The agent's own words</h2><p class="claim">A claim: ${shown.claim}</p>`;
  const edited =
    shown.editOf === undefined
      ? none
      : page`<p>Edited by ${shown.editOf.by} from ${shown.editOf.action}: ${shown.editOf.reason}</p>`;
  const questions = (shown.questions ?? []).map(
    ({ by, number, question, reply }) =>
      page`<li>${number}. ${by} asked back: ${question}<p class="claim">${reply === undefined ? "Not answered yet." : `The agent says (a claim): ${reply}`}</p></li>`,
  );
  const said = questions.length === 0 ? none : page`<h2>What was asked back</h2><ol>${questions}</ol>`;
  const frozen =
    shown.frozenBy === undefined ? none : page`<p>Frozen by stop ${shown.frozenBy}: it cannot be answered now.</p>`;
  return document(
    `Approval ${shown.id}`,
    page`<h1>${shown.agent} asks to ${shown.verb} ${shown.tool} on ${shown.target}</h1>
<p><span class="state">${shown.environment}</span> <small>${shown.workflow}${shown.onBehalfOf === undefined ? "" : `, asked for by ${shown.onBehalfOf}`}, since ${shown.openedAt}${shown.expiresAt === undefined ? "" : `, denied by itself at ${shown.expiresAt}`}</small></p>
<ul>${asked}</ul>${edited}${frozen}
<h2>How to undo it</h2><p>${undo}</p>${before}
<h2>The call: ${shown.server}.${shown.tool}</h2>${call}${beyond}
<p><small>call ${shown.callDigest}, ${shown.run}</small></p>${claim}${said}${form(shown, csrf, nowMs)}`,
    { asksPasskey: shown.passkey.required },
  );
}

interface Notes {
  readonly notCounted: string | undefined;
  readonly skimmed: string | undefined;
  /** It was no action: there is nothing else to tell of it. */
  readonly canary: string | undefined;
}

export function answeredPage(view: ActionView, { notCounted, skimmed, canary }: Notes) {
  const title = `Answered ${view.id}`;
  const head = page`<h1>Your answer is recorded</h1>`;
  if (canary !== undefined) return document(title, page`${head}<p><strong>${canary}.</strong></p>`);
  const uncounted =
    notCounted === undefined ? none : page`<p><strong>Your approval does not count:</strong> ${notCounted}.</p>`;
  const short = skimmed === undefined ? none : page`<p><strong>${skimmed}.</strong></p>`;
  return document(
    title,
    page`${head}${uncounted}${short}<p><span class="state">${view.state}</span> ${view.sentence}</p>
<p><a href="/receipts/${view.id}.html">Receipt</a></p>`,
  );
}

const none: Html = { html: "" };

function pre(value: unknown): Html {
  return page`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

function form(shown: ShownApproval, csrf: string | undefined, nowMs: number): Html {
  if (!shown.yours || shown.shownDigest === undefined || csrf === undefined)
    return page`<p class="quiet">${shown.yours ? "Log in with this browser to answer here." : "Others were asked for this."}</p>`;
  const { passkey } = shown;
  if (passkey.required && passkey.allowCredentials.length === 0)
    return page`<p>This takes your passkey, and you have none here: <a href="/passkeys">register one</a>, then come back.</p>${fields(shown, csrf, nowMs, none)}`;
  const asks = page`<p>Approving takes your passkey: it signs exactly what stands above.</p><output role="status" data-challenge="${passkey.challenge ?? ""}" data-rp="${passkey.rpId ?? ""}" data-allow="${JSON.stringify(passkey.allowCredentials)}"></output>`;
  return fields(shown, csrf, nowMs, passkey.required ? asks : none);
}

function fields(shown: ShownApproval, csrf: string, nowMs: number, asks: Html): Html {
  return page`<form method="post" action="/approvals/${shown.id}">${asks}
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="callDigest" value="${shown.callDigest}">
<input type="hidden" name="shownDigest" value="${shown.shownDigest ?? ""}"><input type="hidden" name="shownAt" value="${nowMs}">
<label>Reason (a denial needs one; it goes back to the agent)<textarea name="reason" rows="3" maxlength="2000"></textarea></label>
<button name="verdict" value="approve">Approve exactly this</button><button name="verdict" value="deny">Deny</button></form>`;
}
