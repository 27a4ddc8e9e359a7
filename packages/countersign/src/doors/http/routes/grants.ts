import * as api from "@countersign/contract/api";
import { z } from "zod";
import { grant, listGrants, proposeGrants, readGrant, revokeGrant } from "../../../governance/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { created, ok } from "./answers.ts";

export const grantRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/grants",
    summary: "Approvals that were given beforehand for calls of one shape: what stands, and what ended within a day",
    who: { person: "read-action" },
    answers: { 200: { schema: api.grants } },
    run: async (visit) => ok({ grants: await listGrants(visit.setting.control, asPerson(visit)) }),
  }),
  route({
    method: "GET",
    path: "/v1/grants/proposals",
    summary:
      "What people approved so often that it could be granted beforehand, with the evidence; nothing is put in force",
    who: { person: "read-private", inVerb: true },
    query: api.proposalQuery,
    answers: { 200: { schema: api.grantProposals } },
    run: async (visit) =>
      ok(
        await proposeGrants(visit.setting.control, visit.setting.sources, asPerson(visit), {
          ...visit.query,
          signal: visit.signal,
        }),
      ),
  }),
  route({
    method: "POST",
    path: "/v1/grants",
    summary: "Approve calls like one that is held, for a time and a number of calls",
    who: { person: "approve", inVerb: true },
    body: api.grantBody,
    answers: { 201: { schema: api.grant } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      return created(await readGrant(control, person, await grant(control, person, visit.body)));
    },
  }),
  route({
    method: "POST",
    path: "/v1/grants/:id/revoke",
    summary: "Take a grant back: from now on it counts nowhere",
    who: { person: "revoke-grant", inVerb: true },
    params: z.strictObject({ id: api.grantId }),
    body: api.grantEndBody,
    answers: { 200: { schema: api.grant } },
    async run(visit) {
      const { control } = visit.setting;
      const person = asPerson(visit);
      await revokeGrant(control, person, visit.params.id, visit.body.reason);
      return ok(await readGrant(control, person, visit.params.id));
    },
  }),
];
