import * as api from "@countersign/contract/api";
import { z } from "zod";
import { lookUp, type Receipt, readReceipt, withoutReason } from "../../../action/index.ts";
import { Problem } from "../../../floor/problem.ts";
import { type Control, contextOf, listReaders, noteRead, readDeed } from "../../../governance/index.ts";
import { type Caller, may, type PersonCaller } from "../../../identity/index.ts";
import { deedOfStop } from "../../../stop/index.ts";
import { receiptPage } from "../receipt-page.ts";
import { type Answer, asCaller, asPerson, type Route, route, type Visit } from "../route.ts";
import { firstLine, ok } from "./answers.ts";

const one = z.strictObject({ id: api.receiptId });
const html = "text/html; charset=utf-8";

export const receiptRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/receipts/:id",
    summary: "The six questions about an action, or the record of a deed of governance; as a page for `text/html`",
    who: { agent: true, person: "read-receipt", inVerb: true },
    params: one,
    answers: { 200: { schema: api.receipt } },
    async run(visit) {
      const wantsPage = /\btext\/html\b/.test(firstLine(visit.headers.accept) ?? "");
      return wantsPage ? pageOf(visit, visit.params.id) : ok(await receiptFor(visit, visit.params.id, "json"));
    },
  }),
  route({
    method: "GET",
    path: "/receipts/:file",
    summary: "The receipt as one page that needs no JavaScript: `/receipts/act_….html`",
    who: { agent: true, person: "read-receipt", inVerb: true },
    params: z.strictObject({ file: z.string().regex(/^act_[0-9a-hjkmnp-tv-z]{26}(\.html)?$/) }),
    answers: { 200: { type: "text/html" } },
    run: (visit) => pageOf(visit, visit.params.file.replace(/\.html$/, "")),
  }),
  route({
    method: "GET",
    path: "/v1/receipts/:id/bundle",
    summary: "The receipt as a file that verifies offline, byte for byte",
    who: { agent: true, person: "read-receipt", inVerb: true },
    params: one,
    query: api.bundleQuery,
    answers: { 200: { type: "application/vnd.in-toto+dsse" } },
    run: bundle,
  }),
  route({
    method: "GET",
    path: "/v1/receipts/:id/readers",
    summary: "Who has read this receipt",
    who: { person: "read-readers", inVerb: true },
    params: one,
    answers: { 200: { schema: api.readers } },
    async run(visit) {
      const { control } = visit.setting;
      return ok({ readers: await listReaders(control, asPerson(visit), await subjectOf(control, visit.params.id)) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/lookup",
    summary: "Paste anything: an id, a run, a name, an address, a ticket, a commit, or words; newest first",
    who: { person: "read-action" },
    query: api.lookupQuery,
    answers: { 200: { schema: api.found } },
    async run(visit) {
      const { control } = visit.setting;
      const { directory, workspace, catalog } = control.keeper.loaded();
      const { q, cursor, limit } = visit.query;
      const found = await lookUp(control.parts, {
        q,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        agents: new Set(directory.agents.keys()),
        workflows: new Set(workspace?.workflows.map((workflow) => workflow.name)),
        tools: new Set(catalog.servers.flatMap((server) => catalog.list(server).map((tool) => tool.id))),
      });
      return ok(found);
    },
  }),
];

type AnyVisit = Visit<unknown, unknown, unknown>;

/** Whoever reads a receipt is written down, and sees what they may. */
async function receiptFor(visit: AnyVisit, given: string, how: string): Promise<object> {
  const { control } = visit.setting;
  const who = asCaller(visit);
  refuseDeeds(who, given);
  const id = await subjectOf(control, given);
  if (!id.startsWith("act_") && who.kind === "person") {
    const deed = await readDeed(control, who, id);
    if (deed.kind !== "advisory") {
      const about = deed.workflow === null ? {} : { workflow: deed.workflow };
      const seesAll = may(who, "read-private", contextOf(control, about)).allowed;
      return seesAll ? { ...deed, withheld: [] } : { ...deed, payload: null, withheld: ["/payload"] };
    }
  }
  return actionReceipt(control, who, id, how);
}

/** What people do to the plane is no agent's business: it does not learn that there was such a deed. */
function refuseDeeds(who: Caller | PersonCaller, id: string): void {
  if (who.kind === "agent" && (id.startsWith("gov_") || id.startsWith("stp_")))
    throw new Problem("not_found", `there is no receipt \`${id}\` here`);
}

/** What an id stands for in the ledger: a stop is found there under the deed that took it. */
async function subjectOf(control: Control, id: string): Promise<string> {
  if (!id.startsWith("stp_")) return id;
  const deed = await deedOfStop(control.parts.db, id);
  if (deed !== undefined) return deed;
  throw new Problem("not_found", `there is no receipt \`${id}\` here`, {
    help: "the receipt of a stop is that of the deed which took it, a `gov_…` that `countersign stop` prints; a stop that a restore took has its record in the restore's",
  });
}

async function actionReceipt(
  control: Control,
  who: Caller | PersonCaller,
  id: string,
  how: string,
): Promise<Receipt & { readonly withheld: readonly string[] }> {
  await noteRead(control, who, id, how);
  const receipt = await readReceipt(control.parts, id);
  if (who.kind === "agent") return asTheAgentMay(receipt);
  const context = contextOf(control, { workflow: receipt.what.workflow });
  return may(who, "read-private", context).allowed ? { ...receipt, withheld: [] } : withoutPrivate(receipt);
}

/**
 * What else would have allowed it is for people: an agent could learn its way around a policy from it. So are deeds of
 * governance, and what the gate read for the undo: the agent may be allowed to write a thing and not to read it, and the
 * undo holds what was there.
 */
function asTheAgentMay(receipt: Receipt): Receipt & { readonly withheld: readonly string[] } {
  const { plan: _plan, ...reversal } = receipt.reversal;
  const { inForce: _inForce, ...rules } = receipt.policy;
  const policy = { ...rules, nearMiss: [] };
  const approvals = { ...receipt.approvals, shown: [] };
  const withheld = ["/policy/nearMiss", "/policy/inForce", "/reversal/plan", "/approvals/shown"];
  if (reversal.reverses === undefined) return { ...receipt, policy, approvals, reversal, withheld };
  const { input: _input, ...decided } = policy;
  const { undoes } = receipt.what;
  const what = { ...receipt.what, ...(undoes === undefined ? {} : { undoes: withoutReason(undoes) }), args: null };
  const all = [...withheld, "/what/args", "/what/undoes/reason", "/policy/input"];
  return { ...receipt, what, policy: decided, approvals, reversal, withheld: all };
}

function withoutPrivate(receipt: Receipt): Receipt & { readonly withheld: readonly string[] } {
  const { result: _result, claim: _claim, beyond: _beyond, questions: _said, undoes, ...what } = receipt.what;
  const undo = undoes === undefined ? {} : { undoes: withoutReason(undoes) };
  const { input: _input, ...policy } = receipt.policy;
  const { plan: _plan, ...reversal } = receipt.reversal;
  return {
    ...receipt,
    what: { ...what, ...undo, args: null },
    data: { ...receipt.data, given: receipt.data.given.map(({ answer: _answer, ...one }) => one) },
    policy,
    approvals: { ...receipt.approvals, shown: [] },
    reversal,
    withheld: [
      "/what/args",
      "/what/beyond",
      "/what/result",
      "/what/claim",
      "/what/questions",
      "/what/undoes/reason",
      ...receipt.data.given.map((_, at) => `/data/given/${at}/answer`),
      "/policy/input",
      "/approvals/shown",
      "/reversal/plan",
    ],
  };
}

async function pageOf(visit: AnyVisit, id: string): Promise<Answer> {
  const receipt = await actionReceipt(visit.setting.control, asCaller(visit), id, "page");
  const { text, policy } = receiptPage(receipt);
  return { status: 200, text, type: html, headers: { "content-security-policy": policy } };
}

async function bundle(
  visit: Visit<z.output<typeof one>, z.output<typeof api.bundleQuery>, undefined>,
): Promise<Answer> {
  const { control, logBook } = visit.setting;
  const who = asCaller(visit);
  refuseDeeds(who, visit.params.id);
  const id = await subjectOf(control, visit.params.id);
  const isAction = id.startsWith("act_") || who.kind === "agent";
  if (isAction) await noteRead(control, who, id, "bundle");
  const workflow = who.kind === "agent" || isAction ? undefined : (await readDeed(control, who, id)).workflow;
  const about = isAction
    ? { workflow: (await control.hall.get(who, id)).workflow }
    : workflow == null
      ? {}
      : { workflow };
  const seesAll = who.kind === "person" && may(who, "read-private", contextOf(control, about)).allowed;
  const { since } = visit.query;
  const made = await logBook.bundle(id, { withhold: !seesAll, ...(since === undefined ? {} : { since }) });
  return {
    status: 200,
    text: made.text,
    type: "application/vnd.in-toto+dsse",
    headers: {
      "countersign-proof": made.proof,
      "content-disposition": `attachment; filename="${id}.receipt.json"`,
    },
  };
}
