import * as api from "@countersign/contract/api";
import { checkPolicies, testPolicies } from "../../../governance/index.ts";
import { type Route, route } from "../route.ts";
import { ok } from "./answers.ts";

/** A workspace is many files. */
const maxBytes = 8_388_608;

export const policyRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/policies/check",
    summary: "Everything that stands against putting these files in force, against the tools as they are reviewed now",
    who: { person: "read-private" },
    body: api.policyCheckBody,
    maxBytes,
    answers: { 200: { schema: api.policyChecked } },
    run: async ({ setting, body }) => ok(await checkPolicies(setting.sources, body.files)),
  }),
  route({
    method: "POST",
    path: "/v1/policies/test",
    summary: "Run the tests of these files: what fails, what no case looks at, and which faults no case would notice",
    who: { person: "read-private" },
    body: api.policyTestBody,
    maxBytes,
    answers: { 200: { schema: api.policyTested } },
    run: async ({ setting, body }) => ok(await testPolicies(setting.sources, body.files, body.every)),
  }),
];
