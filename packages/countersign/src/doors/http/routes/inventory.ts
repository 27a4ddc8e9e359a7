import * as api from "@countersign/contract/api";
import { z } from "zod";
import { Problem } from "../../../floor/problem.ts";
import {
  approverPace,
  decisionsOf,
  latestWorkspace,
  listTools,
  nearMisses,
  readStop,
  readUnknown,
  readUses,
  showRoad,
} from "../../../governance/index.ts";
import { deeds } from "../../../identity/index.ts";
import { readRoad, roadFile } from "../../../workflows/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok } from "./answers.ts";

const paceDays = 30;
const also = ["dri", "owner", "self", "asked"] as const;
type Rule = { readonly roles: readonly string[] } & { readonly [member in (typeof also)[number] | "second"]?: true };

/** What stands behind the console's pages about the plane itself. */
export const inventoryRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/tools",
    summary: "Servers and tools as people reviewed them: verb, environment, how each is undone, who may use it",
    who: { person: "read-action" },
    answers: { 200: { schema: api.tools } },
    run: async ({ setting }) => ok(listTools(setting.control, setting.sources)),
  }),
  route({
    method: "GET",
    path: "/v1/tools/definition",
    summary: "What a server says of one of its tools, exactly as it said it",
    who: { person: "read-action" },
    query: api.toolQuery,
    answers: { 200: { schema: api.toolDefinition } },
    async run({ setting, query }) {
      const { catalog } = setting.control.keeper.loaded();
      const found = catalog.servers.flatMap((server) => catalog.list(server)).find(({ id }) => id === query.tool);
      if (found === undefined) throw new Problem("not_found", `there is no tool \`${query.tool.slice(0, 120)}\``);
      return ok({ id: found.id, digest: found.digest, definition: found.definition });
    },
  }),
  route({
    method: "GET",
    path: "/v1/workflows/:name/rules",
    summary: "A workflow's rules of the road as two paragraphs, and the file in force that they are made of",
    who: { person: "read-action" },
    params: api.workflowName,
    answers: { 200: { schema: api.workflowRules } },
    run: async ({ setting, params }) => ok(await showRoad(setting.control, params.name)),
  }),
  route({
    method: "POST",
    path: "/v1/workflows/draft",
    summary: "Two paragraphs of rules of the road, back as a draft of a workflow file; nothing is put in force",
    who: { person: "read-action" },
    body: api.proseBody,
    answers: { 200: { schema: api.proseDraft } },
    async run({ body }) {
      const read = readRoad(body.prose);
      return ok({ file: roadFile(read), faults: read.faults, named: read.named });
    },
  }),
  route({
    method: "GET",
    path: "/v1/workspace/files",
    summary: "The files in force, whole: what a draft begins with",
    who: { person: "read-private" },
    answers: { 200: { schema: api.workspaceFiles } },
    async run({ setting }) {
      const row = await latestWorkspace(setting.control.parts.db);
      return ok({ digest: row?.digest ?? null, files: row?.files ?? {} });
    },
  }),
  route({
    method: "GET",
    path: "/v1/credentials/uses",
    summary: "Who used which credential from where, and which seem to have two users",
    who: { person: "read-private" },
    query: api.usesQuery,
    answers: { 200: { schema: api.credentialUses } },
    run: async ({ setting, query }) => ok(await readUses(setting.control, query.days)),
  }),
  route({
    method: "GET",
    path: "/v1/policies/decisions",
    summary: "What each policy said about the newest actions; of a named one each decision, near misses too",
    who: { person: "read-action" },
    query: api.decidedQuery,
    answers: { 200: { schema: api.policyDecisions } },
    run: async ({ setting, query }) => ok(await decisionsOf(setting.control, query.policy)),
  }),
  route({
    method: "GET",
    path: "/v1/policies/pace",
    summary: "How long people look before they answer: what a rule that asks them costs of their time",
    who: { person: "read-action" },
    answers: { 200: { schema: api.approverPace } },
    run: async ({ setting }) => ok({ days: paceDays, ...(await approverPace(setting.control, paceDays)) }),
  }),
  route({
    method: "GET",
    path: "/v1/roles",
    summary: "Who may do what to the plane: the closed table of deeds and roles",
    who: { person: "any" },
    answers: { 200: { schema: api.roles } },
    async run() {
      const table: readonly (readonly [string, Rule])[] = Object.entries(deeds);
      const lines = table.map(([deed, rule]) => ({
        deed,
        roles: rule.roles,
        also: also.filter((one) => rule[one] === true),
        second: rule.second === true,
      }));
      return ok({ deeds: lines });
    },
  }),
  route({
    method: "GET",
    path: "/v1/near-misses",
    summary:
      "What nearly happened: refused by a rule or a check, denied by a person, or undone within an hour; newest first",
    who: { person: "read-action" },
    query: api.nearMissQuery,
    answers: { 200: { schema: api.nearMisses } },
    run: async ({ setting, query }) => ok({ days: query.days, ...(await nearMisses(setting.control, query)) }),
  }),
  route({
    method: "GET",
    path: "/v1/stops/:id",
    summary: "One stop: what it froze, what was on its way, how each ended, and whether you may lift it",
    who: { person: "read-action" },
    params: z.strictObject({ id: api.idOf("stp") }),
    answers: { 200: { schema: api.stopView } },
    run: async (visit) => ok(await readStop(visit.setting.control, asPerson(visit), visit.params.id)),
  }),
  route({
    method: "GET",
    path: "/v1/unknowns/:id",
    summary: "How the plane looks for what became of an unknown, and whether you may settle it",
    who: { person: "read-action" },
    params: z.strictObject({ id: api.actionId }),
    answers: { 200: { schema: api.unknownView } },
    run: async (visit) => ok(await readUnknown(visit.setting.control, asPerson(visit), visit.params.id)),
  }),
];
