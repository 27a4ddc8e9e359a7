import type { JsonObject } from "@countersign/contract";
import * as api from "@countersign/contract/api";
import type { z } from "zod";
import { iso } from "../../../floor/clock.ts";
import { Problem } from "../../../floor/problem.ts";
import { type AskedAbout, askAbout } from "../../../governance/index.ts";
import { issuerOf } from "../../../identity/index.ts";
import { depthHeader } from "../../../vetoes/index.ts";
import { AskRate } from "../ask-rate.ts";
import { readInput } from "../read-input.ts";
import { type Answer, asCaller, type Route, route, type Visit } from "../route.ts";
import { firstLine, ok } from "./answers.ts";

type Question = z.output<typeof api.evaluationBody>;
type Evaluation = z.output<typeof api.evaluation>;
type Asking = Pick<Visit<unknown, unknown, unknown>, "setting" | "who" | "headers">;

const who = { agent: true, person: "ask-decision", inVerb: true } as const;
/** How long a denial that people could lift may be taken up. */
const requestableMs = 600_000;
const rates = new WeakMap<object, AskRate>();

/** AuthZEN 1.0: another gateway asks what would be decided here. */
export const authzenRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/.well-known/authzen-configuration",
    summary: "Where this decision point answers (AuthZEN 1.0)",
    who: "anyone",
    answers: { 200: { schema: api.authzenConfiguration } },
    async run({ setting }) {
      const issuer = issuerOf(setting.publicUrl());
      return ok({
        policy_decision_point: issuer,
        access_evaluation_endpoint: `${issuer}/access/v1/evaluation`,
        access_evaluations_endpoint: `${issuer}/access/v1/evaluations`,
      });
    },
  }),
  route({
    method: "POST",
    path: "/access/v1/evaluation",
    summary: "Whether an agent's call would be allowed now (AuthZEN 1.0); nothing is done, and the receipt is advisory",
    who,
    acts: true,
    body: api.evaluationBody,
    answers: { 200: { schema: api.evaluation } },
    async run(visit) {
      take(visit, 1);
      return answer(visit, await evaluate(visit, visit.body));
    },
  }),
  route({
    method: "POST",
    path: "/access/v1/evaluations",
    summary: "The same for several calls at once, all or up to the first denial or permit",
    who,
    acts: true,
    body: api.evaluationsBody,
    answers: { 200: { schema: api.evaluations } },
    run: evaluateAll,
  }),
];

async function evaluateAll(visit: Visit<undefined, undefined, z.output<typeof api.evaluationsBody>>): Promise<Answer> {
  const { evaluations = [], options, ...top } = visit.body;
  take(visit, Math.max(1, evaluations.length));
  if (evaluations.length === 0) return answer(visit, await evaluate(visit, readInput(api.evaluationBody, top, "body")));
  const semantic = options?.evaluations_semantic ?? "execute_all";
  const made: Evaluation[] = [];
  for (const one of evaluations) {
    // Whoever has gone gets no further answers, and no receipts of them.
    if (visit.signal.aborted) break;
    const evaluated = await evaluateOne(visit, { ...top, ...one });
    made.push(evaluated);
    if (semantic === "deny_on_first_deny" && !evaluated.decision) break;
    if (semantic === "permit_on_first_permit" && evaluated.decision) break;
  }
  return answer(visit, { evaluations: made });
}

/** One of several: what is wrong with it is its own denial, and the others are answered. */
async function evaluateOne(visit: Asking, question: object): Promise<Evaluation> {
  try {
    return await evaluate(visit, readInput(api.evaluationBody, question, "body"));
  } catch (thrown) {
    if (!(thrown instanceof Problem) || (thrown.code !== "invalid" && thrown.code !== "forbidden")) throw thrown;
    const status = thrown.code === "invalid" ? 400 : 403;
    return { decision: false, context: { error: { status, message: thrown.detail } } };
  }
}

async function evaluate(visit: Asking, question: Question): Promise<Evaluation> {
  const { subject, action, resource, context = {} } = question;
  if (subject.type !== "agent" && subject.type !== "identity")
    return denial("unknown_subject", "a subject is of type `agent` here");
  if (action.name !== "tools/call") return denial("unknown_action", "an action is `tools/call` here");
  if (resource.type !== "tool") return denial("unknown_resource", "a resource is of type `tool` here, `server.tool`");
  const { run } = context;
  const asked = await askAbout(visit.setting.control, asCaller(visit), {
    agent: subject.id,
    tool: resource.id,
    args: argumentsOf(context),
    depth: depthOf(visit),
    ...(typeof run === "string" ? { run } : {}),
  });
  return evaluationOf(asked, visit);
}

function argumentsOf({ arguments: args }: JsonObject): JsonObject {
  if (args === undefined) return {};
  if (typeof args !== "object" || args === null || Array.isArray(args))
    throw new Problem("invalid", "`arguments` is no object", { at: "/context/arguments" });
  return args as JsonObject;
}

/** What other decision points say of how far this question has come. Whoever says nothing is counted by what is under way. */
function depthOf({ headers }: Asking): number {
  const said = firstLine(headers[depthHeader]);
  return said !== undefined && /^[0-9]{1,3}$/.test(said) ? Number(said) : 0;
}

function denial(reason: string, sentence: string): Evaluation {
  return { decision: false, context: { reason, reason_user: { en: sentence } } };
}

/** `require` is a denial that can be taken up: people are asked once the call itself is sent. */
function evaluationOf(asked: AskedAbout, { setting }: Asking): Evaluation {
  if (!asked.known) return denial(asked.reason, asked.sentence);
  const { advice, decision, at } = asked;
  const obligations = decision.obligations.map(({ kind, properties }, index) => ({
    ...properties,
    type: kind,
    id: `obl-${index + 1}`,
  }));
  const context = {
    evaluation_id: advice.id,
    evaluated_at: at,
    reason: { allow: "permitted", require: "approval_required", deny: "denied" }[advice.effect],
    reason_user: { en: advice.sentence },
    receipt: advice.receipt,
    policy_set: advice.policySet,
    ...(obligations.length === 0 || advice.effect === "deny" ? {} : { obligations }),
  };
  if (advice.effect !== "require") return { decision: advice.effect === "allow", context };
  const { sentence: description } = advice;
  return {
    decision: false,
    context: {
      ...context,
      requirements: advice.requirements,
      access_request: {
        endpoint: `${issuerOf(setting.publicUrl())}/v1/actions`,
        template: "countersign-action",
        expires_at: iso(Date.parse(at) + requestableMs),
        display: { title: "Ask for approval", description },
      },
    },
  };
}

function take({ setting, ...visit }: Asking, count: number): void {
  const rate = rates.get(setting) ?? new AskRate();
  rates.set(setting, rate);
  rate.take(asCaller(visit).credential, count, setting.control.parts.clock.tick());
}

/** The caller's own id of the request goes back with the answer, as the protocol asks. */
function answer(visit: Asking, json: object): Answer {
  const id = firstLine(visit.headers["x-request-id"]);
  const named = id !== undefined && /^[\x21-\x7e]{1,200}$/.test(id);
  return { status: 200, json, ...(named ? { headers: { "x-request-id": id } } : {}) };
}
