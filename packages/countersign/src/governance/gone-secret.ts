import { Unconnected } from "../execution/mcp/index.ts";
import { Problem } from "../floor/problem.ts";

/** The store has no such secret, or none any more. */
export function isGone(thrown: unknown): thrown is Problem {
  return thrown instanceof Problem && thrown.code === "not_found";
}

/** What a file refers to is not there: said to whoever calls, and what was opened with it ends. */
export function orMissing(thrown: unknown): unknown {
  return isGone(thrown) ? new Unconnected(thrown.detail, thrown.help) : thrown;
}
