import { askedBackSentence, type Json } from "@countersign/contract";
import type { Receipt } from "../../action/index.ts";
import { document, type Html, page } from "./page.ts";

/** The receipt of an action as one page: six questions, six short answers, the evidence folded beneath each. */
export function receiptPage(receipt: Receipt & { readonly withheld: readonly string[] }): {
  readonly text: string;
  readonly policy: string;
} {
  const { what } = receipt;
  const body = page`<h1>Receipt of ${receipt.id}</h1>
<p><span class="state">${receipt.state}</span>${receipt.advisory ? " advisory: nothing was done here" : ""} <small>${what.moves[0]?.at ?? ""}</small></p>
${receipt.disclosed ? none : page`<p>The private part of this record was erased${erasedBy(receipt)}; what remains proves that it was made.</p>`}
${whatSection(receipt)}
${dataSection(receipt)}
${policySection(receipt)}
${checksSection(receipt)}
${approvalsSection(receipt)}
${reversalSection(receipt)}
${receipt.withheld.length === 0 ? none : page`<p class="quiet">Not shown to you: ${receipt.withheld.join(", ")}.</p>`}
<p class="quiet">A file that proves this offline: <a href="/v1/receipts/${receipt.id}/bundle">bundle</a>.</p>`;
  return document(`Receipt ${receipt.id}`, body);
}

const none: Html = { html: "" };

function erasedBy({ erased }: Receipt): string {
  return erased === undefined ? "" : ` by ${erased.by.join(" and ")} on ${erased.at} because: ${erased.because}`;
}

function section(question: string, answer: Html | string, evidence: Html): Html {
  return page`<section><h2>${question}</h2><p>${answer}</p><details><summary>Evidence</summary>${evidence}</details></section>`;
}

function pre(label: string, value: Json | undefined): Html {
  if (value === undefined || value === null || value === "") return none;
  return page`<p><small>${label}</small></p><pre>${typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>`;
}

function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function whatSection({ what, disclosed }: Receipt): Html {
  const behalf = what.onBehalfOf === undefined ? "" : ` on behalf of ${what.onBehalfOf}`;
  const { workload } = what;
  const known = workload === undefined ? "" : `, and was known by ${workload.issuer} as ${workload.subject}`;
  const answer = !disclosed
    ? `${what.sentence}. Workflow ${what.workflow}.`
    : `${what.sentence}. Workflow ${what.workflow}, answered for by ${what.dri}; the agent is owned by ${what.owner}${behalf}${known}.`;
  const { undoes } = what;
  const undone =
    undoes === undefined
      ? none
      : page`<p>${undoes.by ?? what.agent} asked to undo <a href="/receipts/${undoes.action}.html">${undoes.action}</a> with it${undoes.reason === undefined ? "" : `: ${undoes.reason}`}.</p>`;
  const claim =
    what.claim === undefined ? none : page`<p class="claim">The agent's own words, a claim: ${what.claim}</p>`;
  const moves = what.moves.map(
    (move) =>
      page`<li><code>${move.at}</code> ${move.kind}${move.to === null ? "" : `: ${move.from ?? ""} → ${move.to}`}${move.person === undefined ? "" : ` by ${move.person}`}</li>`,
  );
  const evidence = page`<ul>${moves}</ul>${pre("arguments", what.args)}${pre("with the arguments", what.beyond)}${pre("result", what.result)}${pre("edited", what.editedTo ?? what.editOf)}
<p><small>attempts ${what.attempts} · tier ${what.tier} · run ${what.run}${what.planned === false ? ", whose plan does not name this step" : ""} · door ${what.door} · arguments ${what.argsDigest} · call ${what.callDigest}${what.resultDigest === undefined ? "" : ` · result ${what.resultDigest}`}</small></p>${undone}${claim}`;
  return section("What did the agent do?", answer, evidence);
}

function dataSection({ data, disclosed }: Receipt): Html {
  const touched = data.resources.length === 0 ? "" : ` ${data.resources.join(", ")} in ${data.system}`;
  const label = data.cut === undefined ? "" : `, by the label \`${data.cut}\``;
  const hidden = data.redactions === 0 ? "" : ` ${data.redactions} values were redacted${label}.`;
  const answer = !disclosed
    ? `${data.withheld ?? ""}.`
    : data.direction === "none"
      ? "None: nothing reached the target."
      : `It was ${data.direction}:${touched}.${hidden}`;
  const flow =
    data.flow === undefined
      ? none
      : page`<p>Before it, ${data.flow.sentence}.</p>${pre("where its destinations came from", asJson(data.flow.facts))}`;
  const evidence = page`<p>Labels: ${data.labels.length === 0 ? "none" : data.labels.join(", ")}.</p>${flow}${pre("withheld", data.withheld)}${pre("answers of the client to questions of the server", data.given.length === 0 ? undefined : asJson(data.given))}`;
  return section("What data did it touch?", answer, evidence);
}

function policySection({ policy }: Receipt): Html {
  const texts = policy.determining.map(
    (one) => page`<p><small>${one.id} (${one.effect}) ${one.digest}</small></p><pre>${one.text}</pre>`,
  );
  const observed =
    policy.observed === undefined ? "" : ` Observed only: enforcement would have said ${policy.observed}.`;
  const by = policy.inForce;
  const rules =
    by === undefined
      ? none
      : page`<p><small>in force ${by.signedBy === null ? (by.single ? `by ${by.by} alone: an organisation of one person` : "since the first start") : `by ${by.by}, signed by ${by.signedBy}`}</small></p>`;
  const misses = policy.nearMiss.map((miss) => page`<li>${miss.policy}: ${miss.sentence}</li>`);
  const evidence = page`${texts}<p><small>${policy.policySet.digest === "" ? "no policy was asked" : `policy set revision ${policy.policySet.revision}, ${policy.policySet.digest}`}</small></p>${rules}
${misses.length === 0 ? none : page`<p><small>near misses</small></p><ul>${misses}</ul>`}${pre("decision input", policy.input === undefined ? undefined : asJson(policy.input))}${pre("errors", policy.errors.length === 0 ? undefined : policy.errors)}`;
  return section("Which policy allowed it?", `${policy.effect}: ${policy.sentence}.${observed}`, evidence);
}

function checksSection({ checks, disclosed }: Receipt): Html {
  const said = checks.map((check) => `${check.name} on the ${check.stage}: ${check.verdict}`);
  const lines = checks.map(
    (check) =>
      page`<li>${check.name} ${check.version}: ${check.verdict} in ${check.microseconds} µs at ${check.at}${check.score === undefined ? "" : `, score ${check.score} of ${check.threshold ?? "?"}`}${check.evidence.map((one) => page` <code>${one.rule} at ${one.pointer}</code>`)}</li>`,
  );
  return section(
    "What checks ran?",
    !disclosed ? "Which ran was erased." : said.length === 0 ? "None." : `${said.join("; ")}.`,
    page`<ul>${lines}</ul>`,
  );
}

function approvalsSection({ approvals, what }: Receipt): Html {
  const back = askedBackSentence(what.moves);
  const questions = (what.questions ?? []).map(
    ({ number, by, at, question, reply, repliedAt }) =>
      page`<li>${number}. ${by} asked back at ${at}: ${question}<p class="claim">${reply === undefined ? "The agent did not reply." : `The agent's own words, a claim${repliedAt === undefined ? "" : `, at ${repliedAt}`}: ${reply}`}</p></li>`,
  );
  const lines = approvals.answers.map(
    (answer) =>
      page`<li>${answer.person} (${answer.method}) ${answer.verdict === "approve" ? "approved" : "denied"}${answer.breakGlass === undefined ? "" : " alone, by break-glass,"} ${answer.as} at ${answer.at}${answer.dwellMs === null ? "" : ` after ${answer.dwellMs < 1000 ? "under 1 s" : `${Math.round(answer.dwellMs / 1000)} s`}`}: ${answer.reason === "" ? "no reason given" : answer.reason}. <small>shown ${answer.shownDigest}, call ${answer.callDigest}${answer.singlePerson ? ", in an organisation of one person" : ""}</small></li>`,
  );
  const shown = approvals.shown.map((one) => pre(`what was shown: ${one.shownDigest}`, one.document));
  const answer = `${approvals.sentence}.${back === undefined ? "" : ` ${back}.`}`;
  return section("Who approved it?", answer, page`<ul>${questions}${lines}</ul>${shown}`);
}

function reversalSection({ reversal }: Receipt): Html {
  const worked =
    reversal.lastWorked === undefined
      ? "This kind of reverse has not run yet."
      : `This kind of reverse last worked ${reversal.lastWorked}.`;
  const links = [reversal.reverses, reversal.reversedBy].flatMap((id) =>
    id === undefined ? [] : [page`<p><a href="/receipts/${id}.html">${id}</a></p>`],
  );
  const evidence = page`<p>${worked}</p>${links}${pre("plan", reversal.plan === undefined ? undefined : asJson(reversal.plan))}`;
  return section("How do you reverse it?", `${reversal.sentence}.`, evidence);
}
