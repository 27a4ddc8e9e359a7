import { type ActionView, linesAsText, type ShownMember } from "@countersign/contract";
import type { ShownApproval } from "../../governance/index.ts";
import { document, type Html, page } from "./page.ts";

/** A held action as a page: the effect first, then the raw call to the last byte, the agent's own words last. */
export function approvalPage(shown: ShownApproval, csrf: string | undefined, nowMs: number) {
  const parts = [...new Set(Object.values(places))].map((part) => part(shown));
  return document(`Approval ${shown.id}`, page`${parts}${form(shown, csrf, nowMs)}`, {
    asksPasskey: shown.passkey.required,
  });
}

/** Where each member of the document that is answered stands, in the order of the page. */
const places = {
  id: head,
  agent: head,
  workflow: head,
  verb: head,
  target: head,
  environment: head,
  onBehalfOf: head,
  undoes: head,
  editOf: head,
  touched: effect,
  plan: undo,
  requirements: asked,
  risk,
  flow,
  before,
  server: call,
  tool: call,
  args: call,
  beyond: call,
  callDigest: call,
  run: call,
  claim,
  questions: said,
} as const satisfies Record<ShownMember, (of: ShownApproval) => Html>;

function head(of: ShownApproval): Html {
  const { undoes, editOf, frozenBy, voided, expiresAt, onBehalfOf } = of;
  const title =
    undoes === undefined
      ? page`${of.agent} asks to ${of.verb} ${of.tool} on ${of.target}`
      : page`${undoes.by ?? of.agent} asks to undo ${undoes.action}`;
  const undone =
    undoes === undefined
      ? none
      : page`<p>This undoes <a href="/receipts/${undoes.action}.html">${undoes.action}</a>: ${of.agent} would ${of.verb} ${of.tool} on ${of.target}.</p>${
          undoes.reason === undefined ? none : page`<p>${undoes.by ?? ""} says why: ${undoes.reason}</p>`
        }`;
  const edited =
    editOf === undefined ? none : page`<p>Edited by ${editOf.by} from ${editOf.action}: ${editOf.reason}</p>`;
  const frozen = frozenBy === undefined ? none : page`<p>Frozen by stop ${frozenBy}: it cannot be answered now.</p>`;
  const anew = voided === undefined ? none : page`<p><strong>${upper(voided)}.</strong></p>`;
  return page`<h1>${title}</h1>
<p><span class="state">${of.environment}</span> <small>${of.id} in ${of.workflow}${onBehalfOf === undefined ? "" : `, asked for by ${onBehalfOf}`}, since ${of.openedAt}${expiresAt === undefined ? "" : `, denied by itself at ${expiresAt}`}</small></p>${anew}${undone}${edited}${frozen}`;
}

/** The difference of the target and how much is touched. */
function effect({ effect: told, reach }: ShownApproval): Html {
  const touched =
    Object.keys(reach.counts).length === 0 ? "It is not known how much it touches." : `It touches ${reach.sentence}.`;
  if (told === undefined) return page`<h2>What it does</h2><p>${touched}</p>`;
  if (!told.known)
    return page`<h2>What it does</h2><p>${touched}</p><p>${upper(told.reason)}. All that it says stands below.</p>`;
  const changes = told.changes.map((change) =>
    change.kind === "text"
      ? page`<pre aria-label="Difference of ${change.at}">${linesAsText(change.lines).join("\n")}</pre>`
      : page`<pre aria-label="Difference of ${change.at}">${`- ${JSON.stringify(change.before)}\n+ ${JSON.stringify(change.after)}`}</pre>`,
  );
  const beside =
    told.beside.length === 0
      ? none
      : page`<p><strong>The difference does not tell of ${told.beside.join(", ")}: see the call.</strong></p>`;
  return page`<h2>What it does</h2><p>${touched}</p><p><strong>${upper(told.sentence)}</strong></p>${changes}${beside}`;
}

function undo({ undo: told, plan }: ShownApproval): Html {
  if (told.kind !== "inverse")
    return page`<h2>${told.kind === "irreversible" ? "It cannot be undone: irreversible" : "How to undo it"}</h2><p>${upper(told.sentence)}</p>`;
  const worked =
    told.lastWorked === null ? "No call of this tool has been undone yet." : `This last worked at ${told.lastWorked}.`;
  const until = told.until === null ? "" : ` The plan is kept until ${told.until}.`;
  return page`<h2>How to undo it</h2><p>${upper(told.sentence)}</p><p class="quiet">${worked}${until}</p>${
    plan?.kind === "inverse" ? page`<p>The undo would be ${plan.tool} with</p>${pre(plan.args)}` : none
  }`;
}

/** Which policy asks whom, what would be enough, and who is excluded. */
function asked({ requirements, why }: ShownApproval): Html {
  const policies = requirements.map(
    (one) => page`<li>${one.sentence} <small>policy ${one.policy}, ${one.policyDigest}</small></li>`,
  );
  const people = why.questions.map((one) => {
    const given = one.answered.length === 0 ? "" : `Approved by ${one.answered.join(", ")}. `;
    const may = one.may.map(({ name, free }) => (free ? name : `${name} (busy)`)).join(", ");
    const not = one.mayNot.length === 0 ? "" : ` Excluded: ${one.mayNot.join(", ")}.`;
    return page`<li>${given}${one.missing} of ${one.count} missing from ${one.from}: ${may === "" ? "nobody is left who may" : may}.${not}</li>`;
  });
  return page`<h2>Why you are asked</h2><p>${upper(why.sentence)}</p><ul>${policies}${people}</ul>`;
}

function risk({ risk: told }: ShownApproval): Html {
  if (told === undefined) return none;
  const words = told.words.map(({ word, reason }) => page`<li><strong>${word}</strong>: ${reason}</li>`);
  return page`<h2>Risk: <span class="state">${told.level}</span></h2><ul>${words}</ul>`;
}

function flow({ flow: told }: ShownApproval): Html {
  if (told === undefined) return none;
  const { sentence, ...facts } = told;
  return page`<h2>What its run has read</h2><p>${upper(sentence)}</p><details><summary>as the plane has it</summary>${pre(facts)}</details>`;
}

function before({ before: state }: ShownApproval): Html {
  return state === undefined ? none : page`<h2>What is there now</h2>${pre(state)}`;
}

function call(of: ShownApproval): Html {
  const args = of.args === undefined ? page`<p>You may not see the arguments.</p>` : pre(of.args);
  const beyond = of.beyond === undefined ? none : page`<h3>What travels with the arguments</h3>${pre(of.beyond)}`;
  return page`<h2>The call: ${of.server}.${of.tool}</h2>${args}${beyond}
<p><small>call ${of.callDigest}, ${of.run}</small></p>`;
}

function claim(of: ShownApproval): Html {
  if (of.claim === undefined) return none;
  return page`<h2>The agent's own words</h2><p class="claim">A claim: ${of.claim}</p>`;
}

function said({ questions = [] }: ShownApproval): Html {
  const lines = questions.map(
    ({ by, number, at, question, reply, repliedAt }) =>
      page`<li>${number}. ${by} asked back at ${at}: ${question}<p class="claim">${reply === undefined ? "Not answered yet." : `The agent says (a claim)${repliedAt === undefined ? "" : ` at ${repliedAt}`}: ${reply}`}</p></li>`,
  );
  return lines.length === 0 ? none : page`<h2>What was asked back</h2><ol>${lines}</ol>`;
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
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
