import * as api from "@countersign/contract/api";
import { z } from "zod";
import { listReviews } from "../../../catalog/index.ts";
import {
  applyWorkspace,
  endTier,
  latestWorkspace,
  listProposals,
  listProposed,
  planWorkspace,
  proposeTier,
  reviewTool,
  showProposal,
  signProposal,
  signTier,
  withdrawProposal,
} from "../../../governance/index.ts";
import { frozenBecause } from "../../../identity/index.ts";
import { asCaller, asPerson, type Route, route } from "../route.ts";
import { created, ok, receiptOf } from "./answers.ts";

const proposal = z.strictObject({ id: api.idOf("gov") });
const waiver = z.strictObject({ id: api.idOf("gov") });
/** A workspace is many files. */
const maxWorkspaceBytes = 8_388_608;

export const planeRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/agents",
    summary: "Agents, who answers for them, and the tier that is in force",
    who: { person: "read-action" },
    answers: { 200: { schema: api.agents } },
    async run({ setting }) {
      const { workspace, directory } = setting.control.keeper.loaded();
      const agents = (workspace?.agents ?? []).map((agent) => {
        const known = directory.agents.get(agent.name);
        return {
          name: agent.name,
          owner: agent.owner,
          workflow: known?.workflow ?? null,
          dri: known?.dri ?? null,
          tier: known === undefined ? null : directory.tierOf(agent.name, known.workflow),
          purpose: agent.purpose ?? null,
          frozen: frozenBecause(directory, agent.name) ?? null,
        };
      });
      return ok({ agents });
    },
  }),
  route({
    method: "GET",
    path: "/v1/people",
    summary: "People, their roles and groups",
    who: { person: "read-action" },
    answers: { 200: { schema: api.people } },
    async run({ setting }) {
      const people = setting.control.keeper.loaded().workspace?.people ?? [];
      return ok({ people: people.map(({ email, name, roles, groups }) => ({ email, name, roles, groups })) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/groups",
    summary: "Groups and who is in them",
    who: { person: "read-action" },
    answers: { 200: { schema: api.groups } },
    async run({ setting }) {
      const { workspace } = setting.control.keeper.loaded();
      const members = (group: string) =>
        (workspace?.people ?? []).filter((person) => person.groups.includes(group)).map((person) => person.email);
      const groups = (workspace?.groups ?? []).map(({ name, purpose }) => ({
        name,
        purpose: purpose ?? null,
        members: members(name),
      }));
      return ok({ groups });
    },
  }),
  route({
    method: "GET",
    path: "/v1/workflows",
    summary: "The rules of the road in force",
    who: { person: "read-action" },
    answers: { 200: { schema: api.workflows } },
    run: async ({ setting }) => ok({ workflows: setting.control.keeper.loaded().workspace?.workflows ?? [] }),
  }),
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
    async run({ setting }) {
      const { control } = setting;
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
      const proposed = (await listProposals(control.parts.db)).map(({ id, by, request }) => ({ id, ...request, by }));
      return ok({ inForce, proposed });
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
  route({
    method: "GET",
    path: "/v1/workspace",
    summary: "The workspace in force, by its digests",
    who: { person: "read-action" },
    answers: { 200: { schema: api.workspace } },
    async run({ setting }) {
      const { control } = setting;
      const { workspace } = control.keeper.loaded();
      const row = await latestWorkspace(control.parts.db);
      return ok({
        digest: row?.digest ?? null,
        revision: row?.revision ?? null,
        appliedBy: row?.applied_by ?? null,
        appliedAt: row?.applied_at ?? null,
        signedBy: row?.signed_by ?? null,
        single: row?.single ?? false,
        files: workspace?.files ?? [],
      });
    },
  }),
  route({
    method: "POST",
    path: "/v1/workspace/plan",
    summary: "What applying these files would change",
    who: { person: "read-private" },
    body: api.planBody,
    maxBytes: maxWorkspaceBytes,
    answers: { 200: { schema: api.plan } },
    async run({ setting, body }) {
      const { plan, problems } = await planWorkspace(setting.control, setting.sources, body.files);
      return ok({ plan, problems });
    },
  }),
  route({
    method: "POST",
    path: "/v1/workspace/apply",
    summary:
      "Ask to put these files in force: a second person signs, unless the organisation is one; nothing half applies",
    who: { person: "apply", inVerb: true },
    body: api.applyBody,
    maxBytes: maxWorkspaceBytes,
    answers: { 200: { schema: api.applied }, 202: { schema: api.applied } },
    async run(visit) {
      const { control, sources } = visit.setting;
      const { files, expected } = visit.body;
      const done = await applyWorkspace(control, sources, asPerson(visit), files, expected);
      const { plan, problems, inForce, entry } = done;
      const json = { plan, problems, inForce, ...receiptOf(entry) };
      return done.inForce ? ok(json) : { status: 202, json: { ...json, proposal: done.proposal } };
    },
  }),
  route({
    method: "GET",
    path: "/v1/proposals",
    summary: "Workspaces that wait for a second person, oldest first",
    who: { person: "read-action" },
    answers: { 200: { schema: api.proposals } },
    run: async (visit) => ok({ proposals: await listProposed(visit.setting.control, asPerson(visit)) }),
  }),
  route({
    method: "GET",
    path: "/v1/proposals/:id",
    summary: "Everything that a signature is about: the plan, and each changed file line by line",
    who: { person: "read-private", inVerb: true },
    params: proposal,
    answers: { 200: { schema: api.proposal } },
    run: async (visit) => ok(await showProposal(visit.setting.control, asPerson(visit), visit.params.id)),
  }),
  route({
    method: "POST",
    path: "/v1/proposals/:id/sign",
    summary: "Sign another person's proposal by its digest: from now it is in force",
    who: { person: "sign-proposal", inVerb: true },
    params: proposal,
    body: api.signBody,
    answers: { 200: { schema: api.applied } },
    async run(visit) {
      const { control, sources } = visit.setting;
      const { id } = visit.params;
      const signed = await signProposal(control, sources, asPerson(visit), id, visit.body.digest);
      const { plan, problems, entry } = signed;
      return ok({ plan, problems, inForce: true, proposal: id, ...receiptOf(entry) });
    },
  }),
  route({
    method: "POST",
    path: "/v1/proposals/:id/withdraw",
    summary: "Take your proposal back, or turn another person's down",
    who: { person: "sign-proposal", inVerb: true },
    params: proposal,
    body: api.reasonBody,
    answers: { 200: { schema: api.governed } },
    async run(visit) {
      const { control } = visit.setting;
      return ok(receiptOf(await withdrawProposal(control, asPerson(visit), visit.params.id, visit.body.reason)));
    },
  }),
];
