import * as api from "@countersign/contract/api";
import { z } from "zod";
import {
  answer,
  answerBatch,
  askBack,
  edit,
  listAnswers,
  listApprovals,
  listBatches,
  measureLoad,
  reportApprovals,
  settleUnknown,
  showApproval,
  showCanaries,
} from "../../../governance/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok, viewFor } from "./answers.ts";

const one = z.strictObject({ id: api.actionId });
/** The inbox is small by nature: what is above this is told as a page. */
const mostOpen = 1000;
const dayMs = 86_400_000;

type Report = Awaited<ReturnType<typeof reportApprovals>>;

const time = (ms: number): string => new Date(ms).toISOString();

function asTold({ fromMs, toMs, parts, ...told }: Report["period"]) {
  const weeks = parts.map(({ fromMs: startMs, ...part }) => ({ since: time(startMs), ...part }));
  return { since: time(fromMs), until: time(toMs), ...told, weeks };
}

function stretchesOf({ stretches, ...answers }: Report["answers"]) {
  const told = stretches.map(({ fromMs, toMs, ...one }) => ({ since: time(fromMs), until: time(toMs), ...one }));
  return { ...answers, stretches: told };
}

export const approvalRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/approvals",
    summary: "What waits for an answer, the highest risk first",
    who: { person: "read-action" },
    query: api.approvalQuery,
    answers: { 200: { schema: api.approvalPage } },
    async run(visit) {
      const { mine, ...wanted } = visit.query;
      return ok(await listApprovals(visit.setting.control, asPerson(visit), { ...wanted, mine: mine === "true" }));
    },
  }),
  route({
    method: "GET",
    path: "/v1/approvals/load",
    summary: "What waits for people and how they answer, over the last day",
    who: { person: "read-action" },
    answers: { 200: { schema: api.approvalLoad } },
    run: async (visit) => ok(await measureLoad(visit.setting.control, asPerson(visit))),
  }),
  route({
    method: "GET",
    path: "/v1/approvals/report",
    summary: "What people were asked and by which rule, and what went through without one, against the period before",
    who: { person: "read-private", inVerb: true },
    query: api.approvalReportQuery,
    answers: { 200: { schema: api.approvalReport } },
    async run(visit) {
      const { weeks, until, zone, workflow } = visit.query;
      const report = await reportApprovals(visit.setting.control, asPerson(visit), {
        ...(until === undefined ? {} : { untilDay: Number(until.replaceAll("-", "")) }),
        partMs: 7 * dayMs,
        parts: weeks,
        zone,
        ...(workflow === undefined ? {} : { workflow }),
        signal: visit.signal,
      });
      const { period, before, answers } = report;
      return ok({
        weeks,
        ...report,
        period: asTold(period),
        before: asTold(before),
        answers: stretchesOf(answers),
      });
    },
  }),
  route({
    method: "GET",
    path: "/v1/approvals/canaries",
    summary: "How you did with seeded known-bad requests; nobody else is told",
    who: { person: "read-action" },
    answers: { 200: { schema: api.canaries } },
    run: async (visit) => ok(await showCanaries(visit.setting.control, asPerson(visit))),
  }),
  route({
    method: "GET",
    path: "/v1/answers",
    summary: "What you answered and how it ended, newest first",
    who: { person: "read-action" },
    query: api.answersQuery,
    answers: { 200: { schema: api.answersPage } },
    run: async (visit) => ok(await listAnswers(visit.setting.control, asPerson(visit), visit.query)),
  }),
  route({
    method: "GET",
    path: "/v1/approvals/batches",
    summary: "What you may answer together; looking never approves",
    who: { person: "read-action" },
    answers: { 200: { schema: api.batches } },
    run: async (visit) => ok(await listBatches(visit.setting.control, asPerson(visit))),
  }),
  route({
    method: "POST",
    path: "/v1/approvals/batch",
    summary: "Answer several that are alike, each with an entry of its own; what changed is left out",
    who: { person: "approve", inVerb: true },
    body: api.batchBody,
    answers: { 200: { schema: api.batched } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { batch, answered, left } = await answerBatch(control, person, visit.body);
      const views = answered.map(async (one) => ({
        ...one,
        view: viewFor(control, person, await control.hall.get(person, one.id)),
      }));
      return ok({ batch, answered: await Promise.all(views), left });
    },
  }),
  route({
    method: "GET",
    path: "/v1/approvals/:id",
    summary: "Everything that an approver is shown; looking never approves",
    who: { person: "read-action" },
    params: one,
    answers: { 200: { schema: api.approval } },
    run: async (visit) =>
      ok(await showApproval(visit.setting.control, asPerson(visit), visit.params.id, visit.setting.publicUrl())),
  }),
  route({
    method: "POST",
    path: "/v1/approvals/:id/answer",
    summary: "Approve or deny the call that was shown",
    who: { person: "approve", inVerb: true },
    params: one,
    body: api.answerBody,
    answers: { 200: { schema: api.answered } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { id } = visit.params;
      const {
        isComplete: _,
        view,
        ...told
      } = await answer(control, person, {
        action: id,
        ...visit.body,
        publicUrl: visit.setting.publicUrl(),
      });
      return ok({ ...(view ?? viewFor(control, person, await control.hall.get(person, id))), ...told });
    },
  }),
  route({
    method: "POST",
    path: "/v1/approvals/:id/ask",
    summary: "Ask the agent back; the action stays held",
    who: { person: "approve", inVerb: true },
    params: one,
    body: api.askBackBody,
    answers: { 200: { schema: api.actionView } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { id } = visit.params;
      await askBack(control, person, { action: id, ...visit.body });
      return ok(viewFor(control, person, await control.hall.get(person, id)));
    },
  }),
  route({
    method: "POST",
    path: "/v1/approvals/:id/edit",
    summary: "Make another call of it and approve that: a new action, decided from the start",
    who: { person: "approve", inVerb: true },
    params: one,
    body: api.editBody,
    answers: { 200: { schema: api.edited } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { id } = visit.params;
      const { action, ...counted } = await edit(control, person, { action: id, ...visit.body });
      const view = async (of: string) => viewFor(control, person, await control.hall.get(person, of));
      return ok({ first: await view(id), edited: await view(action), ...counted });
    },
  }),
  route({
    method: "GET",
    path: "/v1/unknowns",
    summary: "Actions that were sent and never answered: each a question to people",
    who: { person: "read-action" },
    answers: { 200: { schema: api.unknownPage } },
    run: async (visit) => ok({ unknowns: await visit.setting.control.hall.listOpen(["unknown"], mostOpen) }),
  }),
  route({
    method: "POST",
    path: "/v1/unknowns/:id/settle",
    summary: "Say what became of an unknown, and how you know",
    who: { person: "operate-unknown", inVerb: true },
    params: one,
    body: api.settleBody,
    answers: { 200: { schema: api.actionView } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      await settleUnknown(control, person, visit.params.id, visit.body);
      return ok(viewFor(control, person, await control.hall.get(person, visit.params.id)));
    },
  }),
];
