import * as api from "@countersign/contract/api";
import { replayNotice, testPage } from "../../../governance/index.ts";
import { listNotices, type NoticeRow } from "../../../notify/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok, receiptOf } from "./answers.ts";

export const noticeRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/notices",
    summary: "What people and their systems were told, newest first, and what could not be delivered",
    who: { person: "operate-notices" },
    query: api.noticeQuery,
    answers: { 200: { schema: api.noticePage } },
    async run(visit) {
      const { state, subject, cursor, limit } = visit.query;
      const rows = await listNotices(visit.setting.control.parts.db, {
        ...(state === undefined ? {} : { state }),
        ...(subject === undefined ? {} : { subject }),
        ...(cursor === undefined ? {} : { before: cursor }),
        limit,
      });
      const last = rows.at(-1);
      return ok({
        notices: rows.map(lineOf),
        ...(last !== undefined && rows.length === limit ? { next: last.id } : {}),
      });
    },
  }),
  route({
    method: "POST",
    path: "/v1/notices/:id/replay",
    summary: "Send a dead letter again, under the id that it has always had",
    who: { person: "operate-notices", inVerb: true },
    params: api.noticePath,
    answers: { 200: { schema: api.governed } },
    run: async (visit) => ok(receiptOf(await replayNotice(visit.setting.control, asPerson(visit), visit.params.id))),
  }),
  route({
    method: "POST",
    path: "/v1/workflows/:name/test-page",
    summary: "Send a page that says it is a test to whom a workflow's escalation names, and say what reached them",
    who: { person: "test-page", inVerb: true },
    params: api.workflowParams,
    body: api.testPageBody,
    answers: { 200: { schema: api.testPaged } },
    async run(visit) {
      const { control, notices } = visit.setting;
      const request = { workflow: visit.params.name, all: visit.body.all };
      const { entry, ...paged } = await testPage(control, notices, asPerson(visit), request);
      return ok({ ...paged, ...receiptOf(entry) });
    },
  }),
  route({
    method: "POST",
    path: "/v1/slack/interactions",
    summary:
      "A button that was pressed in Slack: believed by Slack's signature, and answered only where the risk is low",
    who: "anyone",
    rawBytes: true,
    maxBytes: 262_144,
    answers: { 200: {} },
    async run(visit) {
      const header = (name: string): string => {
        const value = visit.headers[name];
        return typeof value === "string" ? value : "";
      };
      await visit.setting.notices.press({
        timestamp: header("x-slack-request-timestamp"),
        signature: header("x-slack-signature"),
        body: visit.body as unknown as Buffer,
      });
      return { status: 200 };
    },
  }),
];

function lineOf(row: NoticeRow) {
  const { id, type, subject, workflow, channel, person, state, tries, fault, body } = row;
  return {
    id,
    type,
    subject,
    workflow,
    channel,
    person,
    state,
    tries,
    fault,
    headline: body?.headline ?? null,
    madeAt: row.made_at,
    dueAt: state === "waiting" ? row.due_at : null,
    endedAt: row.ended_at,
  };
}
