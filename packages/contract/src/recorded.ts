import type { BundledEntry } from "./bundle.ts";
import type { Json, JsonObject } from "./json.ts";

type Said = JsonObject & { readonly at: string };

/** What a member of a receipt has to be, by its JSON pointer; undefined where it has to be absent. */
export type Recorded = ReadonlyMap<string, Json | undefined>;

/** What the steps of an action say, whoever may read what it said. */
export function recordedSteps(entries: readonly BundledEntry[]): Recorded {
  const [first, last] = [entries[0]?.leaf, entries.at(-1)?.leaf];
  return new Map<string, Json | undefined>([
    ["/state", last?.to ?? "received"],
    ["/what/agent", first?.agent ?? ""],
    ["/what/workflow", first?.workflow ?? ""],
    ["/what/tool", first?.tool ?? ""],
    ["/what/run", first?.run ?? ""],
    [
      "/what/moves",
      entries.map(({ leaf: { at, kind, from, to, person } }) => ({
        ...{ at: toldAt(at), kind, from, to },
        ...(person === undefined ? {} : { person }),
      })),
    ],
  ]);
}

/**
 * What the payloads of an action say, once all of them are shown. INVARIANT: only what stands in them word for word; a
 * sentence that is made of them is made anew by each version, and is compared with nothing.
 */
export function recordedContent(entries: readonly BundledEntry[]): Recorded {
  const said: readonly Said[] = entries.map(({ leaf, payload }) => ({ ...objectOf(payload), at: toldAt(leaf.at) }));
  const payloads = entries.map(({ payload }) => objectOf(payload));
  const first = payloads[0] ?? {};
  const [call, input] = [objectOf(first.call), objectOf(first.input)];
  const [action, principal, resource] = [objectOf(input.action), objectOf(input.principal), objectOf(input.resource)];
  const hasCall = first.call !== undefined;
  // A stored call leaves out what its decision's input says the same.
  const stated = (name: string, other: Json | undefined, none: Json): Json =>
    hasCall ? (call[name] ?? other ?? none) : none;
  const decided = payloads.findLast((one) => one.decision !== undefined);
  const outcome = payloads.findLast((one) => one.kind !== undefined);
  const decision = objectOf(decided?.decision);
  return new Map<string, Json | undefined>([
    ["/what/args", hasCall ? (call.args ?? objectOf(call.params).arguments ?? {}) : null],
    ["/what/argsDigest", hasCall ? (call.argsDigest ?? input.argsDigest) : ""],
    ["/what/callDigest", hasCall ? (call.callDigest ?? input.callDigest) : ""],
    ["/what/target", stated("target", resource.target, "")],
    ["/what/environment", stated("environment", objectOf(resource.environment).name, "")],
    ["/what/verb", stated("verb", action.verb, "")],
    ["/what/owner", stated("owner", principal.owner, "")],
    ["/what/dri", stated("dri", principal.dri, "")],
    ["/what/tier", stated("tier", principal.tier, 0)],
    ["/what/door", stated("door", undefined, "")],
    ["/what/onBehalfOf", hasCall ? (call.onBehalfOf ?? principal.onBehalfOf) : undefined],
    ["/what/workload", call.workload],
    ["/what/claim", call.claim],
    ["/what/result", outcome?.result === undefined ? outcome?.error : outcome.result],
    ["/what/isError", isErrorOf(outcome)],
    ["/what/resultDigest", outcome?.resultDigest],
    ["/what/questions", questionsIn(said)],
    ["/checks", [...checksIn(decided, "arguments"), ...(outcome === decided ? [] : checksIn(outcome, "result"))]],
    [
      "/approvals/answers",
      said.flatMap(({ at, answer }) => (answer === undefined ? [] : [{ ...objectOf(answer), at }])),
    ],
    ...(decided === undefined
      ? []
      : ([
          ["/policy/effect", decision.effect],
          ["/policy/policySet", decision.policySet],
        ] as const)),
  ]);
}

/** A result that is not of the type that its tool declares counts as an error. */
function isErrorOf(outcome: JsonObject | undefined): boolean | undefined {
  if (outcome?.result === undefined) return outcome?.error === undefined ? undefined : true;
  const isMistyped = checksIn(outcome, "result").some(({ name, verdict }) => name === "schema" && verdict !== "pass");
  return outcome.isError === true || isMistyped;
}

function checksIn(payload: JsonObject | undefined, stage: string): readonly JsonObject[] {
  const checks = payload?.checks ?? objectOf(objectOf(payload?.input).facts).checks;
  return Array.isArray(checks) ? checks.map((check: Json) => ({ ...objectOf(check), stage })) : [];
}

function questionsIn(said: readonly Said[]): Json | undefined {
  const found = new Map<Json | undefined, JsonObject>();
  for (const { at, ...payload } of said) {
    const [asked, replied] = [objectOf(payload.asked), objectOf(payload.replied)];
    const { shownDigest: _, ...question } = asked;
    if (payload.asked !== undefined) found.set(asked.number, { ...question, at });
    const open = found.get(replied.number);
    if (payload.replied !== undefined && open !== undefined)
      found.set(replied.number, { ...open, reply: replied.reply ?? null, repliedAt: at });
  }
  return found.size === 0 ? undefined : [...found.values()];
}

/** A leaf's moment has six digits after the second; a receipt's has none of the zeros at their end. */
export function toldAt(at: string): string {
  return at.replace(/\.?0*Z$/, "Z");
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
