import { createRequire } from "node:module";
import type { PolicyJson, Response } from "@cedar-policy/cedar-wasm/nodejs";
import type { Evaluated } from "./evaluate.ts";
import type { CedarRequest } from "./request.ts";
import { type Slice, sliceOf } from "./slice.ts";

type Cedar = typeof import("@cedar-policy/cedar-wasm/nodejs");

const require = createRequire(import.meta.url);
const name = "@cedar-policy/cedar-wasm/nodejs";

/** How many prepared slices one instance keeps; it cannot forget one, only have it replaced. */
const slots = 512;

// Owned here alone. The instance is replaced whole after a trap, which would make every later call fail.
let cedar: Cedar | undefined;
let prepared = new Map<string, string>();
const permitsOf = new WeakMap<Slice, Slice>();

/** Asks the WebAssembly engine. It is only ever given syntax trees that a worker parsed, never text. */
export function evaluateInWasm(slice: Slice, request: CedarRequest): Evaluated {
  try {
    const whole = ask(slice, request);
    if (whole.decision === "allow") return { permits: idsOf(whole), forbids: [], errors: errorsOf(whole) };
    const forbids = idsOf(whole);
    // A deny names its forbids only; whether anything permits is a question of its own.
    const permits = forbids.length === 0 ? [] : idsOf(ask(permitsIn(slice), request));
    return { permits, forbids, errors: errorsOf(whole) };
  } catch (thrown) {
    if (!(thrown instanceof EngineRefused)) cedar = undefined;
    throw thrown;
  }
}

function ask(slice: Slice, request: CedarRequest): Response {
  if (slice.policies.length === 0) return { decision: "deny", diagnostics: { reason: [], errors: [] } };
  const engine = load();
  const answer = engine.statefulIsAuthorized({
    principal: request.principal,
    action: request.action,
    resource: request.resource,
    context: { ...request.context },
    entities: [...request.entities],
    preparsedPolicySetId: prepare(engine, slice),
  });
  if (answer.type === "failure") throw new EngineRefused(answer.errors.map((error) => error.message).join("; "));
  return answer.response;
}

/** The engine could not read the question. */
export class EngineRefused extends Error {}

function load(): Cedar {
  if (cedar === undefined) {
    delete require.cache[require.resolve(name)];
    cedar = require(name) as Cedar;
    prepared = new Map();
  }
  return cedar;
}

function prepare(engine: Cedar, slice: Slice): string {
  const slot = prepared.get(slice.key) ?? replace(engine, slice);
  // Most recently used last.
  prepared.delete(slice.key);
  prepared.set(slice.key, slot);
  return slot;
}

function replace(engine: Cedar, slice: Slice): string {
  const [oldest] = prepared.size < slots ? [] : prepared;
  const slot = oldest === undefined ? `slot-${prepared.size}` : oldest[1];
  if (oldest !== undefined) prepared.delete(oldest[0]);
  const staticPolicies: Record<string, PolicyJson> = {};
  for (const policy of slice.policies) staticPolicies[policy.id] = policy.syntax;
  const answer = engine.preparsePolicySet(slot, { staticPolicies });
  if (answer.type === "failure") throw new EngineRefused("a compiled policy set does not load");
  return slot;
}

function permitsIn(slice: Slice): Slice {
  const permits = permitsOf.get(slice) ?? sliceOf(slice.policies.filter((policy) => policy.effect === "permit"));
  permitsOf.set(slice, permits);
  return permits;
}

function idsOf(response: Response): readonly string[] {
  return [...response.diagnostics.reason].sort();
}

function errorsOf(response: Response): Evaluated["errors"] {
  return response.diagnostics.errors
    .map(({ policyId, error }) => ({ policy: policyId, message: error.message }))
    .sort((one, other) => (one.policy < other.policy ? -1 : 1));
}
