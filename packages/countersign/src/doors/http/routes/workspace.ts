import * as api from "@countersign/contract/api";
import { z } from "zod";
import {
  applyWorkspace,
  contextOf,
  latestWorkspace,
  listProposed,
  missingSecrets,
  planWorkspace,
  showProposal,
  signProposal,
  withdrawProposal,
} from "../../../governance/index.ts";
import { may } from "../../../identity/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok, receiptOf } from "./answers.ts";

const proposal = z.strictObject({ id: api.idOf("gov") });
/** A workspace is many files. */
const maxWorkspaceBytes = 8_388_608;

export const workspaceRoutes: readonly Route[] = [
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
    async run(visit) {
      const { setting, body } = visit;
      const { control } = setting;
      const { plan, problems, workspace } = await planWorkspace(control, setting.sources, body.files);
      const mayKnow = may(asPerson(visit), "keep-secret", contextOf(control, {})).allowed;
      const kept = mayKnow ? await setting.connections.storeWithin(control.parts.db).list() : undefined;
      const missing = missingSecrets(workspace, body.files, kept && new Set(kept.map(({ name }) => name)));
      return ok({ plan, problems: [...problems, ...missing] });
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
