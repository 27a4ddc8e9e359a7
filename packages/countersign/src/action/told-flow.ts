import type { FlowFacts, Json, JsonObject, Origin } from "@countersign/contract";
import { everything } from "../catalog/index.ts";
import { again, worstOf } from "../flow/index.ts";
import type { Call } from "./call.ts";
import type { Parts } from "./parts.ts";

/** Names that the gate gives itself. */
const own: readonly string[] = ["args", "params", again];

/**
 * The facts as they may be recorded and told. A destination stands in them under the names of the arguments on the way
 * to it, which the agent may have chosen: where its arguments hold a secret, only the names that the redaction leaves.
 */
export function toldFlow(parts: Pick<Parts, "checking">, { submission }: Call, facts: FlowFacts): FlowFacts {
  if (facts.destinations === undefined) return facts;
  const { value, count } = parts.checking.redact(submission.args);
  if (count === 0) return facts;
  const clean = new Set([...own, ...(isObject(value) ? everything(value).map(({ at }) => at) : [])]);
  const destinations: { [argument: string]: Origin } = {};
  for (const [at, origin] of Object.entries(facts.destinations)) {
    const told = clean.has(at) ? at : "args.[redacted]";
    destinations[told] = worstOf(origin, destinations[told]);
  }
  return { ...facts, destinations };
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
