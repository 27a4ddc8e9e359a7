import * as api from "@countersign/contract/api";
import { lintPolicies, minimiseGrants } from "../../../governance/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { ok } from "./answers.ts";

export const ruleRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/policies/findings",
    summary: "Rules behind other rules, rules that say what others say, and with `unused` rules that decided nothing",
    who: { person: "read-private" },
    query: api.findingsQuery,
    answers: { 200: { schema: api.findings } },
    run: async (visit) => ok(await lintPolicies(visit.setting.control, asPerson(visit), visit.query.unused)),
  }),
  route({
    method: "GET",
    path: "/v1/workflows/:name/grants",
    summary: "What a workflow used of its grants, and a narrower file that would have let through the same work",
    who: { person: "read-private" },
    params: api.workflowParams,
    query: api.grantsQuery,
    answers: { 200: { schema: api.minimalGrants } },
    about: ({ params }) => ({ workflow: params.name }),
    async run(visit) {
      const { setting, params, query } = visit;
      return ok(await minimiseGrants(setting.control, setting.sources, asPerson(visit), params.name, query.days));
    },
  }),
];
