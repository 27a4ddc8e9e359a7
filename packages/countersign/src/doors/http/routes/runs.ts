import * as api from "@countersign/contract/api";
import { z } from "zod";
import { listActions, listRuns, readRun, readTimeline } from "../../../action/index.ts";
import { Problem } from "../../../floor/problem.ts";
import {
  closeRun,
  contextOf,
  giveUpReversal,
  openRun,
  previewReversal,
  readReversal,
  reversalOf,
  reverseRun,
} from "../../../governance/index.ts";
import { may } from "../../../identity/index.ts";
import { asCaller, asPerson, type Route, route } from "../route.ts";
import { ok } from "./answers.ts";

const one = z.strictObject({ id: api.runId });

export const runRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/runs",
    summary: "Open a run; one that a person opens carries its task from a trusted channel",
    who: { agent: true, person: "open-run", inVerb: true },
    body: api.runBody,
    answers: { 201: { schema: api.run } },
    async run(visit) {
      const who = asCaller(visit);
      const agent = visit.body.agent ?? (who.kind === "agent" ? who.agent : undefined);
      if (agent === undefined) throw new Problem("invalid", "`agent` is missing", { at: "/agent" });
      return { status: 201, json: await openRun(visit.setting.control, who, { ...visit.body, agent }) };
    },
  }),
  route({
    method: "POST",
    path: "/v1/runs/:id/close",
    summary: "Close a run: it takes no more calls; what was asked for before goes on, and can be undone",
    who: { agent: true, person: "open-run", inVerb: true },
    params: one,
    answers: { 200: { schema: api.closedRun } },
    async run(visit) {
      await closeRun(visit.setting.control, asCaller(visit), visit.params.id);
      const { opened } = await readRun(visit.setting.control.parts, visit.params.id);
      return ok({ id: visit.params.id, closedAt: opened?.closedAt });
    },
  }),
  route({
    method: "GET",
    path: "/v1/runs/:id/actions",
    summary: "What happened in a run, newest first",
    who: { agent: true, person: "read-action" },
    params: one,
    query: api.pageQuery,
    answers: { 200: { schema: api.actionPage } },
    async run(visit) {
      const { cursor, limit } = visit.query;
      const filter = { run: visit.params.id, limit, ...(cursor === undefined ? {} : { before: cursor }) };
      return ok(await listActions(visit.setting.control.parts, asCaller(visit), filter));
    },
  }),
  route({
    method: "GET",
    path: "/v1/runs/:id/timeline",
    summary: "What happened in a run with the moments of it, newest first; no argument and no result",
    who: { person: "read-action" },
    params: one,
    query: api.pageQuery,
    answers: { 200: { schema: api.runTimeline } },
    async run(visit) {
      const { cursor, limit } = visit.query;
      const page = { limit, ...(cursor === undefined ? {} : { before: cursor }) };
      return ok(await readTimeline(visit.setting.control.parts, visit.params.id, page));
    },
  }),
  route({
    method: "GET",
    path: "/v1/runs",
    summary: "Runs, the one that acted last first",
    who: { person: "read-action" },
    query: api.runQuery,
    about: ({ query }) => (query.workflow === undefined ? {} : { workflow: query.workflow }),
    answers: { 200: { schema: api.runPage } },
    async run(visit) {
      const { cursor, ...filter } = visit.query;
      const before = cursor === undefined ? {} : { before: cursor };
      return ok(await listRuns(visit.setting.control.parts, { ...filter, ...before }));
    },
  }),
  route({
    method: "GET",
    path: "/v1/runs/:id",
    summary: "One run: how it was opened, what it has read since, and whether it is reversed",
    who: { person: "read-action" },
    params: one,
    answers: { 200: { schema: api.runView } },
    async run(visit) {
      const { control } = visit.setting;
      const reversal = await reversalOf(control, visit.params.id);
      const run = {
        ...(await readRun(control.parts, visit.params.id)),
        ...(reversal === undefined ? {} : { reversal }),
      };
      if (run.opened === null || may(asPerson(visit), "read-private", contextOf(control, run)).allowed) return ok(run);
      return ok({ ...run, opened: { ...run.opened, task: null, plan: null, parameters: null } });
    },
  }),
  route({
    method: "GET",
    path: "/v1/runs/:id/reverse",
    summary: "What the reversal of a run would do and what it would need, what came last first; nothing is done",
    who: { person: "reverse", inVerb: true },
    params: one,
    query: api.reversalPreviewQuery,
    answers: { 200: { schema: api.reversalPreview } },
    async run(visit) {
      const { children, leave = [], cursor, limit } = visit.query;
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const scope = { run: visit.params.id, children, leave };
      return ok(await previewReversal(visit.setting.control, asPerson(visit), scope, page));
    },
  }),
  route({
    method: "POST",
    path: "/v1/runs/:id/reverse",
    summary: "Undo what a run did, what came last first, each by an action of its own; asked again it is the same",
    who: { person: "reverse", inVerb: true },
    acts: true,
    params: one,
    body: api.reverseRunBody,
    answers: { 202: { schema: api.reversal } },
    async run(visit) {
      const { control } = visit.setting;
      const id = await reverseRun(control, asPerson(visit), { ...visit.body, run: visit.params.id });
      const headers = { location: `/v1/runs/${visit.params.id}/reversal` };
      return { status: 202, json: await readReversal(control, { id }, { limit: 50 }), headers };
    },
  }),
  route({
    method: "GET",
    path: "/v1/runs/:id/reversal",
    summary: "How far the newest reversal of a run is, and what became of each action",
    who: { person: "read-action" },
    params: one,
    query: api.pageQuery,
    answers: { 200: { schema: api.reversal } },
    async run(visit) {
      const { cursor, limit } = visit.query;
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      return ok(await readReversal(visit.setting.control, { run: visit.params.id }, page));
    },
  }),
  route({
    method: "POST",
    path: "/v1/runs/:id/reversal/give-up",
    summary: "Say that the reversal of a run shall not go on: what is not undone stays; said again it is the same",
    who: { person: "reverse", inVerb: true },
    acts: true,
    params: one,
    body: api.giveUpReversalBody,
    answers: { 200: { schema: api.reversal } },
    async run(visit) {
      const { control } = visit.setting;
      const id = await giveUpReversal(control, asPerson(visit), { run: visit.params.id, reason: visit.body.reason });
      return ok(await readReversal(control, { id }, { limit: 50 }));
    },
  }),
];
