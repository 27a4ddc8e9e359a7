import * as api from "@countersign/contract/api";
import { z } from "zod";
import { listReviews } from "../../../catalog/index.ts";
import { endTier, listTiers, proposeTier, reviewTool, signTier } from "../../../governance/index.ts";
import { asCaller, asPerson, type Route, route } from "../route.ts";
import { created, ok } from "./answers.ts";

const waiver = z.strictObject({ id: api.idOf("gov") });

export const planeRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/catalog",
    summary: "Servers and their tools; an agent sees what it could ever be allowed",
    who: { agent: true, person: "read-action" },
    answers: { 200: { schema: api.catalog } },
    async run(visit) {
      const { control } = visit.setting;
      const { catalog } = control.keeper.loaded();
      const who = asCaller(visit);
      const servers = catalog.servers.map((server) => ({
        server,
        tools: catalog
          .list(server)
          .filter((tool) => who.kind === "person" || control.hall.mayEver(who, server, tool.name))
          .map(({ id, name, definition, digest, reviewed }) => {
            const description = "description" in definition ? definition.description : undefined;
            return { id, name, description: typeof description === "string" ? description : null, digest, reviewed };
          }),
      }));
      const isPerson = who.kind === "person";
      return ok({
        servers: isPerson ? servers : servers.filter(({ tools }) => tools.length > 0),
        faults: isPerson ? catalog.faults : [],
      });
    },
  }),
  route({
    method: "GET",
    path: "/v1/policies",
    summary: "Every policy in force, also those generated from workflow files, as Cedar text",
    who: { person: "read-action" },
    answers: { 200: { schema: api.policies } },
    async run({ setting }) {
      const { revision, digest, policies, warnings } = setting.control.keeper.loaded().policies;
      const lines = policies.map(({ id, title, effect, source, file, mode, digest: own, text }) => ({
        id,
        title: title ?? null,
        effect,
        source,
        file,
        mode,
        digest: own,
        text,
      }));
      return ok({ revision, digest, policies: lines, warnings });
    },
  }),
  route({
    method: "GET",
    path: "/v1/waivers",
    summary: "Waivers in force, and those that wait for a second person",
    who: { person: "read-action" },
    answers: { 200: { schema: api.waivers } },
    async run(visit) {
      const { control } = visit.setting;
      const inForce = control.keeper.loaded().waivers.map(({ id, agent, workflow, tier, reason, by, from, until }) => ({
        id,
        agent,
        workflow,
        tier,
        reason,
        by,
        from,
        until,
      }));
      return ok({ inForce, proposed: await listTiers(control, asPerson(visit)) });
    },
  }),
  route({
    method: "POST",
    path: "/v1/waivers",
    summary: "Ask for a tier that is not earned yet, for some days; another person signs",
    who: { person: "waive", inVerb: true },
    body: api.waiverBody,
    answers: { 201: { schema: api.waiverMade } },
    run: async (visit) => created(await proposeTier(visit.setting.control, asPerson(visit), visit.body)),
  }),
  route({
    method: "POST",
    path: "/v1/waivers/:id/sign",
    summary: "Sign somebody else's waiver: from now it is in force",
    who: { person: "waive", inVerb: true },
    params: waiver,
    body: api.emptyBody,
    answers: { 200: { schema: api.waiverMade } },
    async run(visit) {
      await signTier(visit.setting.control, asPerson(visit), visit.params.id);
      return ok({ id: visit.params.id, inForce: true });
    },
  }),
  route({
    method: "POST",
    path: "/v1/waivers/:id/end",
    summary: "End a waiver before its time",
    who: { person: "demote", inVerb: true },
    params: waiver,
    body: api.reasonBody,
    answers: { 200: { schema: api.waiverMade } },
    async run(visit) {
      await endTier(visit.setting.control, asPerson(visit), visit.params.id, visit.body.reason);
      return ok({ id: visit.params.id, inForce: false });
    },
  }),
  route({
    method: "GET",
    path: "/v1/catalog/reviews",
    summary: "Definitions of tools that wait for a person, with their difference from what is in force",
    who: { person: "read-action" },
    answers: { 200: { schema: api.reviews } },
    run: async ({ setting }) => ok({ reviews: await listReviews(setting.control.parts.db) }),
  }),
  route({
    method: "POST",
    path: "/v1/catalog/reviews",
    summary: "Approve or reject one definition that was shown",
    who: { person: "review-tool", inVerb: true },
    body: api.reviewBody,
    answers: { 200: { schema: api.emptyBody } },
    async run(visit) {
      await reviewTool(visit.setting.control, asPerson(visit), visit.body);
      return ok({});
    },
  }),
];
