import type { ActionView } from "@countersign/contract";
import * as api from "@countersign/contract/api";
import { z } from "zod";
import type { Submission } from "../../../action/index.ts";
import { ask, listActions } from "../../../action/index.ts";
import { Problem } from "../../../floor/problem.ts";
import { cancelAction, explainAction, makeCase, reverseAction } from "../../../governance/index.ts";
import { type Answer, asAgent, asCaller, asPerson, type Route, route, type Visit } from "../route.ts";
import { firstLine, ok, viewFor } from "./answers.ts";

const one = z.strictObject({ id: api.actionId });
const view = { schema: api.actionView };

export const actionRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/v1/actions",
    summary: "Ask for one action: decided, checked, asked about where needed, executed once",
    who: { agent: true },
    acts: true,
    body: api.submitBody,
    answers: { 200: view, 202: view },
    run: submit,
  }),
  route({
    method: "GET",
    path: "/v1/actions",
    summary: "Actions, newest first; an agent sees its own",
    who: { agent: true, person: "read-action" },
    query: api.actionQuery,
    about: ({ query }) => (query.workflow === undefined ? {} : { workflow: query.workflow }),
    answers: { 200: { schema: api.actionPage } },
    async run(visit) {
      const { cursor, limit, ...filter } = visit.query;
      const before = cursor === undefined ? {} : { before: cursor };
      return ok(await listActions(visit.setting.control.parts, asCaller(visit), { ...filter, ...before, limit }));
    },
  }),
  route({
    method: "GET",
    path: "/v1/actions/:id",
    summary: "One action; waits for its end where asked to",
    who: { agent: true, person: "read-action" },
    params: one,
    query: api.waitQuery,
    answers: { 200: view, 202: view },
    async run(visit) {
      const { hall } = visit.setting.control;
      return answerOf(await hall.wait(asCaller(visit), visit.params.id, visit.query.waitMs, visit.signal), visit);
    },
  }),
  route({
    method: "GET",
    path: "/v1/actions/:id/conditions",
    summary:
      "The conditions of the policies that decided an action, each with whether it held, and of those that came close",
    who: { person: "read-private", inVerb: true },
    params: one,
    answers: { 200: { schema: api.actionConditions } },
    run: async (visit) => ok(await explainAction(visit.setting.control, asPerson(visit), visit.params.id)),
  }),
  route({
    method: "GET",
    path: "/v1/actions/:id/case",
    summary: "An action's last decision as a case of the policy tests; reading it is noted",
    who: { person: "read-private", inVerb: true },
    params: one,
    answers: { 200: { schema: api.actionCase } },
    run: async (visit) => ok(await makeCase(visit.setting.control, asPerson(visit), visit.params.id)),
  }),
  route({
    method: "POST",
    path: "/v1/actions/:id/cancel",
    summary: "Refuse what is held; pass a cancellation on to what runs",
    who: { agent: true, person: "cancel", inVerb: true },
    acts: true,
    params: one,
    body: api.reasonBody,
    answers: { 200: view, 202: view },
    async run(visit) {
      return answerOf(
        await cancelAction(visit.setting.control, asCaller(visit), visit.params.id, visit.body.reason),
        visit,
      );
    },
  }),
  route({
    method: "POST",
    path: "/v1/actions/:id/reply",
    summary: "Answer what approvers asked back about a held action; they are shown it as a claim",
    who: { agent: true },
    acts: true,
    params: one,
    body: api.replyBody,
    answers: { 200: view, 202: view },
    async run(visit) {
      return answerOf(await visit.setting.control.hall.reply(asAgent(visit), visit.params.id, visit.body), visit);
    },
  }),
  route({
    method: "POST",
    path: "/v1/actions/:id/reverse",
    summary: "Undo a done action by the plan captured before it ran; the undo is an action of its own",
    who: { agent: true, person: "reverse", inVerb: true },
    acts: true,
    params: one,
    body: api.reasonBody,
    answers: { 200: view, 202: view },
    async run(visit) {
      const { control } = visit.setting;
      const made = await reverseAction(control, asCaller(visit), visit.params.id, visit.body.reason);
      return answerOf(made.view, visit);
    },
  }),
  route({
    method: "POST",
    path: "/v1/decisions",
    summary: "Ask what would be decided now; nothing is done, and its receipt is advisory",
    who: { agent: true },
    acts: true,
    body: api.askBody,
    answers: { 200: { schema: api.advice } },
    async run(visit) {
      const { server, tool, arguments: args, run } = visit.body;
      const more = run === undefined ? {} : { run };
      const asked: Submission = { ...callOf(server, tool, args), door: doorOf(visit), ...more };
      return { status: 200, json: await ask(visit.setting.control.parts, asAgent(visit), asked) };
    },
  }),
];

async function submit(visit: Visit<undefined, undefined, z.output<typeof api.submitBody>>): Promise<Answer> {
  const { server, tool, arguments: args, run, claim, environment, waitMs } = visit.body;
  const key = idempotencyKey(visit.headers["idempotency-key"]);
  const submission: Submission = {
    ...callOf(server, tool, args),
    door: doorOf(visit),
    ...(run === undefined ? {} : { run }),
    ...(claim === undefined ? {} : { claim }),
    ...(environment === undefined ? {} : { claimedEnvironment: environment }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  };
  const { hall } = visit.setting.control;
  const made = await hall.submit(asAgent(visit), submission, { waitMs, signal: visit.signal, comesBack: true });
  return answerOf(made.view, visit);
}

function callOf(server: string, tool: string, args: Submission["args"]) {
  if (tool.startsWith("mcp:")) throw new Problem("invalid", "only tools are called here", { at: "/tool" });
  return { server, tool, method: "tools/call", params: { name: tool, arguments: args }, args } as const;
}

/** A refusal is an answer; what still waits is 202. Once a final answer has left, an identical call is a new action. */
function answerOf(action: ActionView, visit: Visit<unknown, unknown, unknown>): Answer {
  const { control } = visit.setting;
  const who = asCaller(visit);
  const json = viewFor(control, who, action);
  const open = action.state === "held" || action.state === "ready" || action.state === "running";
  if (open) return { status: 202, json, headers: { location: `/v1/actions/${action.id}` } };
  return { status: 200, json, ...(who.kind === "agent" ? { delivered: () => control.hall.delivered(action) } : {}) };
}

function idempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string" && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new Problem("invalid", "`Idempotency-Key` is 1 to 255 visible ASCII characters", { at: "Idempotency-Key" });
}

/** A claim of the client about itself: receipts name it as the way in, and nothing is decided on it. */
function doorOf(visit: Pick<Visit<unknown, unknown, unknown>, "headers">): "http" | "sdk" | "cli" {
  const said = firstLine(visit.headers["countersign-door"]);
  return said === "sdk" || said === "cli" ? said : "http";
}
