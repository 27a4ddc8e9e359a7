import * as api from "@countersign/contract/api";
import { z } from "zod";
import { listActions } from "../../../action/index.ts";
import {
  answer,
  listApprovals,
  listProposed,
  showApproval,
  showProposal,
  signProposal,
  withdrawProposal,
} from "../../../governance/index.ts";
import { csrfOf } from "../../../identity/index.ts";
import { answeredPage, approvalPage } from "../approval-page.ts";
import { homePage } from "../home-page.ts";
import { proposalPage, signedPage, withdrawnPage } from "../proposal-page.ts";
import { type Answer, asPerson, type Route, route, type Visit } from "../route.ts";
import { cookieValue } from "./credentials.ts";

const html = { type: "text/html" };
const one = z.strictObject({ id: api.actionId });

/** What the page's own form sends: an answer to exactly the page that was shown. */
const answerForm = z.strictObject({
  verdict: z.enum(["approve", "deny"]),
  callDigest: api.digest,
  shownDigest: api.digest,
  shownAt: z.string().regex(/^[0-9]{1,16}$/),
  reason: z.string().max(2000),
});

/** How long a page waits for what an answer set in motion, in ms. */
const longestLookMs = 5_000;

const proposal = z.strictObject({ id: api.idOf("gov") });
const proposalForm = z.strictObject({
  verdict: z.enum(["sign", "withdraw"]),
  digest: api.digest,
  reason: z.string().max(2000),
});

export const pageRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/plain",
    summary: "What waits, what is stopped and what happened last, as a page without a script",
    who: { person: "read-action" },
    answers: { 200: html },
    run: showHome,
  }),
  route({
    method: "GET",
    path: "/approvals/:id",
    summary: "What waits for your answer, as a page; looking never approves",
    who: { person: "read-action" },
    params: one,
    answers: { 200: html },
    run: approvalAsPage,
  }),
  route({
    method: "POST",
    path: "/approvals/:id",
    summary: "Your answer to what the page showed",
    who: { person: "approve", inVerb: true },
    form: true,
    params: one,
    body: answerForm,
    answers: { 200: html },
    run: answerApproval,
  }),
  route({
    method: "GET",
    path: "/proposals/:id",
    summary: "A workspace that waits for a second person, as a page; looking never signs",
    who: { person: "read-private", inVerb: true },
    params: proposal,
    answers: { 200: html },
    async run(visit) {
      const person = asPerson(visit);
      const shown = await showProposal(visit.setting.control, person, visit.params.id);
      const cookie = cookieValue(visit);
      return pageAnswer(
        proposalPage(shown, cookie === undefined ? undefined : csrfOf(cookie), shown.by === person.email),
      );
    },
  }),
  route({
    method: "POST",
    path: "/proposals/:id",
    summary: "Sign the proposal that the page showed, take it back or turn it down",
    who: { person: "sign-proposal", inVerb: true },
    form: true,
    params: proposal,
    body: proposalForm,
    answers: { 200: html },
    async run(visit) {
      const { control, sources } = visit.setting;
      const { id } = visit.params;
      const { verdict, digest, reason } = visit.body;
      if (verdict === "sign") {
        const { entry } = await signProposal(control, sources, asPerson(visit), id, digest);
        return pageAnswer(signedPage(`/v1/receipts/${entry}`));
      }
      await withdrawProposal(control, asPerson(visit), id, reason);
      return pageAnswer(withdrawnPage());
    },
  }),
];

async function showHome(visit: Visit<undefined, undefined, undefined>): Promise<Answer> {
  const { control } = visit.setting;
  const person = asPerson(visit);
  const [held, proposals, unknown, newest] = await Promise.all([
    listApprovals(control, person, { order: "time", mine: false, limit: 100 }),
    listProposed(control, person),
    control.hall.listOpen(["unknown"], 100),
    listActions(control.parts, person, { limit: 30 }).then(({ actions }) => actions),
  ]);
  const { stops } = control.keeper.loaded();
  const cookie = cookieValue(visit);
  const csrf = cookie === undefined ? undefined : csrfOf(cookie);
  return pageAnswer(homePage({ name: person.name, held: held.approvals, proposals, unknown, stops, newest, csrf }));
}

async function approvalAsPage(visit: Visit<z.output<typeof one>, undefined, undefined>): Promise<Answer> {
  const { control } = visit.setting;
  const shown = await showApproval(control, asPerson(visit), visit.params.id, visit.setting.publicUrl());
  const cookie = cookieValue(visit);
  const nowMs = Math.floor(control.parts.clock.now());
  return pageAnswer(approvalPage(shown, cookie === undefined ? undefined : csrfOf(cookie), nowMs));
}

async function answerApproval(
  visit: Visit<z.output<typeof one>, undefined, z.output<typeof answerForm>>,
): Promise<Answer> {
  const { control } = visit.setting;
  const person = asPerson(visit);
  const { shownAt, ...said } = visit.body;
  const dwellMs = Math.max(0, Math.min(86_400_000, Math.floor(control.parts.clock.now()) - Number(shownAt)));
  const { id } = visit.params;
  const {
    notCounted,
    isComplete,
    skimmed,
    view: seeded,
    canary,
  } = await answer(control, person, { action: id, ...said, dwellMs, publicUrl: visit.setting.publicUrl() });
  // Nothing more is asked for: what comes of it is worth a moment. Otherwise it stays held, and nobody waits.
  const view = seeded ?? (await control.hall.wait(person, id, isComplete ? longestLookMs : 0, visit.signal));
  return pageAnswer(answeredPage(view, { notCounted, skimmed, canary: canary?.sentence }));
}

function pageAnswer({ text, policy }: { readonly text: string; readonly policy: string }): Answer {
  return { status: 200, text, type: "text/html; charset=utf-8", headers: { "content-security-policy": policy } };
}
