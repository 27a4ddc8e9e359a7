import * as api from "@countersign/contract/api";
import { Problem } from "../../../floor/problem.ts";
import {
  checkPolicies,
  explainRequest,
  planRollBack,
  readHistory,
  rollBack,
  ruleBindings,
  simulatePolicies,
  testPolicies,
  whoCan,
  whoCanAssumes,
} from "../../../governance/index.ts";
import { asPerson, type Route, route } from "../route.ts";
import { streamLines } from "../stream-lines.ts";
import { ok, receiptOf } from "./answers.ts";

/** A workspace is many files. */
const maxBytes = 8_388_608;

const linesType = "application/x-ndjson";

async function* asLines(steps: AsyncIterable<object>): AsyncGenerator<string> {
  try {
    for await (const step of steps) yield JSON.stringify(step);
  } catch (thrown) {
    yield JSON.stringify({ broken: brokenBy(thrown) });
  }
}

function brokenBy(thrown: unknown): string {
  if (!(thrown instanceof Problem)) return "what was stored could not be read";
  return thrown.help === undefined ? thrown.message : `${thrown.message}: ${thrown.help}`;
}

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
  route({
    method: "POST",
    path: "/v1/policies/explain",
    summary:
      "What would be decided about a call that nobody made, and the first condition that kept other policies from holding",
    who: { person: "read-private" },
    body: api.policyExplainBody,
    maxBytes,
    answers: { 200: { schema: api.policyExplained } },
    run: async ({ setting, body }) =>
      ok(await explainRequest(setting.control, setting.sources, body.request, body.files)),
  }),
  route({
    method: "GET",
    path: "/v1/policies/who-can",
    summary: "Who can do what, where and why: the engine's answer for each agent, tool, verb and environment",
    who: { person: "read-action" },
    query: api.whoCanQuery,
    answers: { 200: { schema: api.whoCan } },
    run: async ({ setting, query }) => ok({ assumes: whoCanAssumes, answers: whoCan(setting.control, query) }),
  }),
  route({
    method: "GET",
    path: "/v1/policies/rules",
    summary: "Every rule of the workflows in force, with the policy or check that enforces it, or that nothing does",
    who: { person: "read-action" },
    answers: { 200: { schema: api.policyRules } },
    async run({ setting }) {
      const { workspace, policies, files } = setting.control.keeper.loaded();
      return ok({ rules: workspace === undefined ? [] : ruleBindings(workspace, policies, files) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/policies/history",
    summary: "Everything that was put in force, newest first: who, when, which files; all of it is kept",
    who: { person: "read-action" },
    query: api.historyQuery,
    answers: { 200: { schema: api.policyHistory } },
    run: async ({ setting, query }) => ok({ activations: await readHistory(setting.control, query.limit) }),
  }),
  route({
    method: "POST",
    path: "/v1/policies/rollback/plan",
    summary: "What going back to an earlier revision would change",
    who: { person: "read-private", inVerb: true },
    body: api.rollBackPlanBody,
    answers: { 200: { schema: api.rollBackPlan } },
    async run(visit) {
      const { control, sources } = visit.setting;
      const { plan, problems, revision } = await planRollBack(control, sources, asPerson(visit), visit.body.revision);
      return ok({ plan, problems, revision });
    },
  }),
  route({
    method: "POST",
    path: "/v1/policies/rollback",
    summary:
      "Ask to put an earlier revision in force again, whole: a second person signs, unless the organisation is one",
    who: { person: "apply", inVerb: true },
    body: api.rollBackBody,
    answers: { 200: { schema: api.rolledBack }, 202: { schema: api.rolledBack } },
    async run(visit) {
      const { control, sources } = visit.setting;
      const { revision, expected } = visit.body;
      const done = await rollBack(control, sources, asPerson(visit), revision, expected);
      const { plan, problems, inForce, entry } = done;
      const json = { plan, problems, revision: done.revision, inForce, ...receiptOf(entry) };
      return done.inForce ? ok(json) : { status: 202, json: { ...json, proposal: done.proposal } };
    },
  }),
  route({
    method: "POST",
    path: "/v1/policies/simulate",
    summary:
      "Ask these files what the ledger's stored inputs asked: what would be allowed, denied or asked of people that is not now; one JSON value a line, the last one the report",
    who: { person: "read-private", inVerb: true },
    body: api.policySimulateBody,
    maxBytes,
    answers: { 200: { type: linesType } },
    async run(visit) {
      const { setting, body } = visit;
      const steps = await simulatePolicies(setting.control, setting.sources, asPerson(visit), {
        ...body,
        signal: visit.signal,
      });
      return {
        status: 200,
        type: linesType,
        stream(response) {
          streamLines(response, asLines(steps)).catch((cause: unknown) => {
            setting.log.warn({ cause: String(cause) }, "a simulation broke off");
            response.destroy();
          });
        },
      };
    },
  }),
];
