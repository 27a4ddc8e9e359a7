import type { Json, JsonObject } from "@countersign/contract";
import { postJson } from "./post-json.ts";
import { line } from "./read-verdict.ts";
import type { Asked, Asking, VetoRule } from "./veto.ts";
import { withCredential } from "./with-credential.ts";

/** Asks a decision point by AuthZEN 1.0, in the terms of its binding for MCP. */
export async function askAuthzen(asking: Asking & { readonly rule: VetoRule & { kind: "authzen" } }): Promise<Asked> {
  const { rule, question, depth } = asking;
  const url = `${rule.url.replace(/\/$/, "")}/access/v1/evaluation`;
  return withCredential(asking, async (authorization) => {
    const body = evaluationOf(question);
    const posted = await postJson({ url, body, timeoutMs: rule.timeoutMs, depth, ...authorization });
    if ("fault" in posted) return posted;
    const { bytes, json } = posted;
    const { decision, context } = objectOf(json) ?? {};
    if (typeof decision !== "boolean") return { bytes, fault: "its answer has no `decision`" };
    const told = objectOf(context) ?? {};
    const id = told.evaluation_id;
    return {
      bytes,
      result: resultOf(decision, told),
      ...(typeof id === "string" ? { decisionId: line(id, 100) } : {}),
    };
  });
}

/** The decision document as AuthZEN's four parts. */
function evaluationOf(question: JsonObject): JsonObject {
  const { principal, action, resource, args, argsDigest, callDigest, facts, run, stage, decisionId, at } = question;
  const { agent = "", ...who } = objectOf(principal) ?? {};
  const { tool = "", ...what } = objectOf(action) ?? {};
  return {
    subject: { type: "agent", id: agent, properties: who },
    action: { name: "tools/call", properties: what },
    resource: { type: "tool", id: tool, properties: objectOf(resource) ?? {} },
    context: {
      agent,
      arguments: args ?? {},
      stage: stage ?? null,
      time: at ?? null,
      run: run ?? null,
      facts: facts ?? null,
      argsDigest: argsDigest ?? null,
      callDigest: callDigest ?? null,
      decisionId: decisionId ?? null,
    },
  };
}

/**
 * In the form of a verdict. Obligations are mandatory with either decision, and one that is not known refuses. A denial
 * stays one, also where it could be appealed elsewhere.
 */
function resultOf(decision: boolean, context: JsonObject): Json {
  const words = wordsOf(context);
  const reason = words === undefined ? {} : { reason: line(words) };
  if (!decision) return { effect: "deny", ...reason };
  const { obligations, requirements } = context;
  return {
    effect: "allow",
    ...reason,
    ...(requirements === undefined ? {} : { requirements }),
    ...(obligations === undefined
      ? {}
      : { obligations: Array.isArray(obligations) ? obligations.map(obligationOf) : obligations }),
  };
}

/** Why, in words for people where there are any. */
function wordsOf({ reason, reason_user: forUser }: JsonObject): string | undefined {
  const told = typeof forUser === "string" ? forUser : objectOf(forUser)?.en;
  return [told, reason].find((words) => typeof words === "string");
}

function obligationOf(obligation: Json): Json {
  const { type, id: _, ...properties } = objectOf(obligation) ?? {};
  return { kind: type ?? null, properties };
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
