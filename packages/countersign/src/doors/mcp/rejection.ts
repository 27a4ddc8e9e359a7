import type { Json } from "@countersign/contract";
import { problems } from "@countersign/contract";
import type { RpcError } from "../../execution/mcp/index.ts";
import { asProblem, Problem } from "../../floor/problem.ts";

/** A JSON-RPC error with the HTTP status that the revision asks for. */
export class Rejection extends Error {
  readonly status: number;
  readonly error: RpcError;

  constructor(status: number, code: number, message: string, data?: Json) {
    super(message);
    this.name = "Rejection";
    this.status = status;
    this.error = data === undefined ? { code, message } : { code, message, data };
  }
}

/** What a log says of it: a request that was not understood leaves this line and no entry in the ledger. */
export function refused({ status, error }: Rejection): { status: number; code: number; detail: string } {
  return { status, code: error.code, detail: error.message };
}

/** Where the caller must prove who it is. */
export class Unauthenticated extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "Unauthenticated";
    this.problem = problem;
  }
}

/** Who was let in and would not be any more. */
export function noLonger(): Problem {
  return new Problem("not_authenticated", "the credentials of this request are not valid any more");
}

/** What was thrown, as this door says it. Problems without a code of JSON-RPC use the first of the server's own range. */
export function asRejection(thrown: unknown): Rejection {
  if (thrown instanceof Rejection) return thrown;
  const problem = asProblem(thrown);
  const row = problems[problem.code];
  const data = { problem: problem.code, ...(problem.help === undefined ? {} : { help: problem.help }) };
  return new Rejection(problem.code === "too_large" ? 413 : 200, row.rpc ?? -32000, problem.detail, data);
}
