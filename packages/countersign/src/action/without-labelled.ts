import type { Confidentiality, Json, JsonObject } from "@countersign/contract";
import type { Relay } from "../execution/connector.ts";
import { cutError, cutLabelled } from "../flow/index.ts";
import { leastCut } from "../policy/index.ts";
import type { Track } from "./advance.ts";
import type { Parts } from "./parts.ts";

interface Cleaned {
  readonly value: Json;
  readonly count: number;
  /** What it is without, by the labels of its tool's rule. */
  readonly cut?: Confidentiality;
}

/**
 * Whatever a server says while it runs has no labels, so none of it comes where something is to be cut. INVARIANT: it is
 * a relay that passes nothing, and not none: where there is none, a session passes on what its server says.
 */
export function closedRelay(track: Pick<Track, "decision">): Relay | undefined {
  if (cutBy(track) === undefined) return undefined;
  const error = { code: -32_600, message: "nothing is asked in a call whose answer is cut" };
  return { notify: () => undefined, request: () => Promise.resolve({ error }) };
}

/** What the decision lets the agent have no part of. */
function cutBy({ decision }: Pick<Track, "decision">): Confidentiality | undefined {
  return decision === undefined ? undefined : leastCut(decision.obligations);
}

/** Carries out what the decision says of labels: the agent, the record and all that is made of it have the rest. */
export async function withoutLabelled(
  parts: Pick<Parts, "checking">,
  track: Pick<Track, "call" | "decision">,
  kind: "answered" | "error",
  clean: { readonly value: Json; readonly count: number },
): Promise<Cleaned> {
  const least = cutBy(track);
  if (least === undefined) return clean;
  const { classified, submission } = track.call;
  const labels = classified.flow.result;
  const cut =
    kind === "error"
      ? cutError(clean.value as Parameters<typeof cutError>[0], labels, least)
      : cutLabelled(clean.value as JsonObject, submission.method, labels, least);
  if (cut.count === 0) return clean;
  const isTyped = kind === "error" || (await fitsType(parts, track, cut.value as JsonObject));
  const value = isTyped ? cut.value : untyped(cut.value as JsonObject, least);
  return { value, count: clean.count + cut.count, cut: least };
}

function untyped({ content }: JsonObject, least: Confidentiality): JsonObject {
  const text = `it ran; by a rule its answer comes without what is ${least}, or more confidential`;
  return { content: [{ type: "text", text }, ...(Array.isArray(content) ? content : [])], isError: true };
}

/** A client refuses a result that is not of the type that its tool declares, unless it is an error. */
async function fitsType(parts: Pick<Parts, "checking">, { call }: Pick<Track, "call">, value: JsonObject) {
  const schema = call.tool.definition.outputSchema;
  if (schema === undefined) return true;
  if (!("structuredContent" in value)) return false;
  const { server, tool } = call.submission;
  const input = { stage: "result", server, tool, schema, value, digest: "", at: call.at } as const;
  const [fact] = await parts.checking.run(["schema"], input);
  return fact?.verdict === "pass";
}
