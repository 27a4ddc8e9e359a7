import * as api from "@countersign/contract/api";
import { z } from "zod";
import { Problem } from "../../../floor/problem.ts";
import { lift, openAlerts, settleAlert, stop } from "../../../governance/index.ts";
import { listStops } from "../../../stop/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { created, ok, receiptOf } from "./answers.ts";

export const stopRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/stops",
    summary: "Stop an agent, a workflow, a tool, a system or everything: in force when this answers",
    who: { person: "stop", inVerb: true },
    body: api.stopBody,
    answers: { 201: { schema: api.stopReport } },
    async run(visit) {
      const { control } = visit.setting;
      const { name, forMs, ...rest } = visit.body;
      if (rest.scope !== "everything" && name === undefined)
        throw new Problem("invalid", "`name` is missing: what is stopped?", { at: "/name" });
      const until = forMs === undefined ? {} : { untilMs: Math.floor(control.parts.ledger.now()) + forMs };
      const { entry, ...report } = await stop(control, asPerson(visit), { ...rest, ...until, name: name ?? "*" });
      return created({ ...report, ...receiptOf(entry) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/stops",
    summary: "Stops, newest first, lifted ones too",
    who: { person: "read-action" },
    answers: { 200: { schema: api.stopList } },
    run: async (visit) => ok({ stops: await listStops(visit.setting.control.parts.db, 200) }),
  }),
  route({
    method: "POST",
    path: "/v1/stops/:id/lift",
    summary: "Lift a stop: a second person; what it froze is decided again",
    who: { person: "lift", inVerb: true },
    params: z.strictObject({ id: api.idOf("stp") }),
    body: api.reasonBody,
    answers: { 200: { schema: api.lifted } },
    async run(visit) {
      const { entry, thawed } = await lift(visit.setting.control, asPerson(visit), visit.params.id, visit.body.reason);
      return ok({ ...receiptOf(entry), thawed });
    },
  }),
  route({
    method: "GET",
    path: "/v1/alerts",
    summary: "What people should look at, oldest first",
    who: { person: "read-action" },
    query: api.alertQuery,
    answers: { 200: { schema: api.alerts } },
    async run(visit) {
      const { cursor, limit } = visit.query;
      const after = cursor === undefined ? {} : { after: cursor };
      // One more than is told says whether there are more.
      const rows = await openAlerts(visit.setting.control.parts.db, { ...after, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return ok({
        alerts: page.map(({ raised_at, ...row }) => ({ ...row, raisedAt: raised_at })),
        ...(last === undefined || rows.length <= limit ? {} : { next: last.id }),
      });
    },
  }),
  route({
    method: "POST",
    path: "/v1/alerts/:id/settle",
    summary: "Put an alert away, with a reason",
    who: { person: "settle-alert", inVerb: true },
    params: api.alertPath,
    body: api.reasonBody,
    answers: { 200: { schema: api.governed } },
    run: async (visit) =>
      ok(receiptOf(await settleAlert(visit.setting.control, asPerson(visit), visit.params.id, visit.body.reason))),
  }),
];
