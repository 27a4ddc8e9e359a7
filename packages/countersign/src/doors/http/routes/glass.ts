import * as api from "@countersign/contract/api";
import { z } from "zod";
import { breakGlass, listGlass, reviewGlass } from "../../../governance/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok, receiptOf, viewFor } from "./answers.ts";

export const glassRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/approvals/:id/break-glass",
    summary: "Answer alone, in place of all whose answers are missing; somebody else has to review it",
    who: { person: "break-glass", inVerb: true },
    params: z.strictObject({ id: api.actionId }),
    body: api.breakGlassBody,
    answers: { 200: { schema: api.brokeGlass } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      const { id } = visit.params;
      const publicUrl = visit.setting.publicUrl();
      const { view, ...told } = await breakGlass(control, person, { action: id, ...visit.body, publicUrl });
      return ok({ ...(view ?? viewFor(control, person, await control.hall.get(person, id))), ...told });
    },
  }),
  route({
    method: "GET",
    path: "/v1/glass",
    summary: "Where somebody answered alone: what nobody has reviewed, then what was reviewed within thirty days",
    who: { person: "read-action" },
    answers: { 200: { schema: api.glasses } },
    run: async (visit) => ok({ glass: await listGlass(visit.setting.control, asPerson(visit)) }),
  }),
  route({
    method: "POST",
    path: "/v1/glass/:id/review",
    summary: "Say what you found where somebody else answered alone; it ends the alert",
    who: { person: "review-glass", inVerb: true },
    params: z.strictObject({ id: api.glassId }),
    body: api.reviewGlassBody,
    answers: { 200: { schema: api.governed } },
    run: async (visit) =>
      ok(receiptOf(await reviewGlass(visit.setting.control, asPerson(visit), visit.params.id, visit.body.found))),
  }),
];
