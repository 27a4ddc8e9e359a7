import { type ProblemBody, problems } from "@countersign/contract";
import { asProblem, Problem, problemBody } from "../../floor/problem.ts";
import { WorkspaceFaults } from "../../governance/index.ts";
import { challenge } from "../../identity/index.ts";
import { maxBodyBytes } from "./parse-body.ts";
import type { Answer } from "./route.ts";

/** The one way from what was thrown to an answer: a problem of the closed table, never a stack. */
export function problemAnswer(
  thrown: unknown,
  context: { readonly issuer: string; readonly presented: boolean },
): Answer {
  const problem = fastifyProblem(thrown) ?? asProblem(thrown);
  const body: ProblemBody & { readonly faults?: readonly object[] } = {
    ...problemBody(problem),
    ...(thrown instanceof WorkspaceFaults ? { faults: thrown.problems } : {}),
  };
  return {
    status: body.status,
    json: body,
    type: "application/problem+json",
    headers: headersOf(problem, context),
  };
}

function headersOf(
  problem: Problem,
  context: { readonly issuer: string; readonly presented: boolean },
): Readonly<Record<string, string>> {
  switch (problem.code) {
    case "not_authenticated":
      return { "www-authenticate": challenge(`${context.issuer}/v1`, context.presented) };
    case "too_many":
      return { "retry-after": "60" };
    case "unavailable":
      return { "retry-after": "1" };
    default:
      return {};
  }
}

/** What the framework itself refuses, in our words. */
export function fastifyProblem(thrown: unknown): Problem | undefined {
  if (thrown instanceof Problem || !(thrown instanceof Error) || !("code" in thrown)) return undefined;
  switch (thrown.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new Problem("too_large", "the body is larger than this address takes", {
        help: `nothing was asked for; a call takes ${maxBodyBytes.toLocaleString("en")} bytes: split it, or let the tool read what is large`,
      });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new Problem("invalid", "the body is of a kind that this address does not take", {
        help: "send `content-type: application/json`",
      });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new Problem("invalid", "the body is not as long as it says");
    case "FST_ERR_BAD_URL":
    case "FST_ERR_ASYNC_CONSTRAINT":
      return new Problem("invalid", "the address cannot be decoded");
    default:
      return undefined;
  }
}

/** A request that is not HTTP enough to have a route. */
export function rawProblem(code: string | undefined): string {
  const tooLarge = code === "HPE_HEADER_OVERFLOW";
  const problem = tooLarge
    ? new Problem("too_large", "the headers are larger than the limit")
    : new Problem("invalid", "this is not a request that can be read");
  const body = JSON.stringify(problemBody(problem));
  const { status } = problems[problem.code];
  const reason = tooLarge ? "Content Too Large" : "Bad Request";
  return `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n${body}`;
}
