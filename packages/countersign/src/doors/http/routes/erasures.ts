import * as api from "@countersign/contract/api";
import { z } from "zod";
import { listPreservations, listProposals } from "../../../erasure/index.ts";
import { endPreservation, preserve, proposeErasure, signErasure } from "../../../governance/index.ts";
import { endOfDayMs } from "../../../workflows/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { created, ok, receiptOf } from "./answers.ts";

const one = z.strictObject({ id: api.idOf("gov") });

export const erasureRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/erasures",
    summary: "Erasures that wait for a second person",
    who: { person: "read-private" },
    answers: { 200: { schema: api.erasureProposals } },
    run: async ({ setting }) => ok({ proposed: await listProposals(setting.control.parts.db) }),
  }),
  route({
    method: "POST",
    path: "/v1/erasures",
    summary: "Ask that what actions said and answered is erased for good; another person signs",
    who: { person: "erase", inVerb: true },
    body: api.erasureBody,
    answers: { 201: { schema: api.erasureMade } },
    async run(visit) {
      const { entry, ...made } = await proposeErasure(visit.setting.control, asPerson(visit), visit.body);
      return created({ ...made, ...receiptOf(entry) });
    },
  }),
  route({
    method: "POST",
    path: "/v1/erasures/:id/sign",
    summary: "Sign somebody else's erasure: it is gone when this answers, and every proof still verifies",
    who: { person: "erase", inVerb: true },
    params: one,
    body: api.emptyBody,
    answers: { 200: { schema: api.erasureMade } },
    async run(visit) {
      const { entry, ...made } = await signErasure(visit.setting.control, asPerson(visit), visit.params.id);
      return ok({ ...made, ...receiptOf(entry) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/preservations",
    summary: "Legal holds: those in force first",
    who: { person: "read-action" },
    answers: { 200: { schema: api.preservations } },
    run: async ({ setting }) => ok({ preservations: await listPreservations(setting.control.parts.db, 500) }),
  }),
  route({
    method: "POST",
    path: "/v1/preservations",
    summary:
      "Put a legal hold on an action, a run, a workflow or an agent: nothing of it is erased while it is in force",
    who: { person: "preserve", inVerb: true },
    body: api.preservationBody,
    answers: { 201: { schema: api.preservationMade } },
    async run(visit) {
      const { control } = visit.setting;
      const { until, ...rest } = visit.body;
      const last = until === undefined ? {} : { untilMs: endOfDayMs(until) };
      const id = await preserve(control, asPerson(visit), { ...rest, ...last });
      return created({ id, ...receiptOf(id) });
    },
  }),
  route({
    method: "POST",
    path: "/v1/preservations/:id/end",
    summary: "End a legal hold: a second person",
    who: { person: "end-preservation", inVerb: true },
    params: one,
    body: api.reasonBody,
    answers: { 200: { schema: api.governed } },
    async run(visit) {
      const { control } = visit.setting;
      return ok(receiptOf(await endPreservation(control, asPerson(visit), visit.params.id, visit.body.reason)));
    },
  }),
];
