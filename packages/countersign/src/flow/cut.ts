import type { Confidentiality, Json, JsonObject } from "@countersign/contract";
import { confidentialities, type ResultLabels } from "../catalog/index.ts";
import { asJson } from "./values.ts";

export interface Cut<T extends Json = JsonObject> {
  readonly value: T;
  /** How many passages were cut. */
  readonly count: number;
}

interface Knife {
  /** Whether what stands there is cut, unless something below it stays. */
  readonly takes: (path: readonly string[]) => boolean;
  /** Whether something below it has a label by which it stays. */
  readonly leavesBelow: (path: readonly string[]) => boolean;
  /** What stands in its place. */
  readonly mark: string;
}

/**
 * An MCP answer without what is as confidential as `least`, or more, by the labels of its tool's rule. Fails closed: where
 * any part of such an answer is to be cut, whatever shows no members goes whole: a text, a picture, an error, and what
 * stands beside the contents.
 */
export function cutLabelled(result: JsonObject, method: string, labels: ResultLabels, least: Confidentiality): Cut {
  const knife = knifeOf(labels, least);
  if (knife === undefined) return { value: result, count: 0 };
  const { structuredContent, content, isError } = result;
  const [text, ...more] = Array.isArray(content) ? content : [];
  const shown = structuredContent ?? (more.length === 0 ? asJson(textOf(text)) : undefined);
  const cut = shown === undefined ? undefined : cutAt(shown, [], knife);
  if (method !== "tools/call" || isError === true || cut === undefined || cut.value === knife.mark)
    return { value: whole(method, isError, knife.mark), count: 1 };
  const told = [{ type: "text", text: JSON.stringify(cut.value) }];
  const structured = structuredContent === undefined ? {} : { structuredContent: cut.value };
  return { value: { content: told, ...structured }, count: cut.count };
}

/** The same of a protocol's error, which may tell any part of an answer. */
export function cutError(
  error: { readonly code: number; readonly message: string; readonly data?: Json },
  labels: ResultLabels,
  least: Confidentiality,
): Cut<{ readonly code: number; readonly message: string; readonly data?: Json }> {
  const knife = knifeOf(labels, least);
  return knife === undefined
    ? { value: error, count: 0 }
    : { value: { code: error.code, message: knife.mark }, count: 1 };
}

/** Undefined where nothing of such an answer is to be cut. */
function knifeOf({ confidentiality, fields }: ResultLabels, least: Confidentiality): Knife | undefined {
  const rank = (label: Confidentiality): number => confidentialities.indexOf(label);
  const isCut = (label: Confidentiality): boolean => rank(label) >= rank(least);
  const labelled = fields.flatMap((field) =>
    field.confidentiality === undefined ? [] : [{ segments: field.at.split("."), isCut: isCut(field.confidentiality) }],
  );
  // No member is more confidential than the whole.
  if (!isCut(confidentiality)) return undefined;
  return {
    takes(path) {
      const over = labelled.filter(({ segments }) => segments.length <= path.length && agree(segments, path));
      const longest = Math.max(...over.map(({ segments }) => segments.length));
      const nearest = over.filter(({ segments }) => segments.length === longest);
      return nearest.length === 0 || nearest.some((field) => field.isCut);
    },
    leavesBelow: (path) =>
      labelled.some((field) => !field.isCut && field.segments.length > path.length && agree(field.segments, path)),
    mark: `[redacted: ${least}]`,
  };
}

/** As far as both go. */
function agree(segments: readonly string[], path: readonly string[]): boolean {
  return path.every((name, at) => segments[at] === undefined || segments[at] === "*" || segments[at] === name);
}

function cutAt(value: Json, path: readonly string[], knife: Knife): Cut<Json> {
  const isTaken = knife.takes(path);
  const isLeaf = typeof value !== "object" || value === null;
  if (isTaken && (isLeaf || !knife.leavesBelow(path))) return { value: knife.mark, count: 1 };
  if (isLeaf) return { value, count: 0 };
  let count = 0;
  const within = (name: string, inner: Json): Json => {
    const cut = cutAt(inner, [...path, name], knife);
    count += cut.count;
    return cut.value;
  };
  if (Array.isArray(value)) return { value: value.map((inner: Json, at) => within(String(at), inner)), count };
  const members: [string, Json][] = [];
  for (const [name, inner] of Object.entries(value)) {
    const below = [...path, name];
    // A member's name may be data, too: of what is cut only those stay of which something stays.
    if (inner === undefined) continue;
    if (isTaken && knife.takes(below) && !knife.leavesBelow(below)) count += 1;
    else members.push([name, within(name, inner)]);
  }
  return { value: Object.fromEntries(members), count };
}

function textOf(one: Json | undefined): string {
  if (typeof one !== "object" || one === null || !("type" in one) || one.type !== "text") return "";
  return typeof one.text === "string" ? one.text : "";
}

/** In the form that the method's answer has, so that a client can read it. */
function whole(method: string, isError: Json | undefined, text: string): JsonObject {
  const said = { type: "text", text };
  switch (method) {
    case "tools/call":
      return { content: [said], ...(isError === true ? { isError } : {}) };
    case "resources/read":
      return { contents: [{ uri: "countersign:redacted", mimeType: "text/plain", text }] };
    case "prompts/get":
      return { messages: [{ role: "user", content: said }] };
    case "completion/complete":
      return { completion: { values: [] } };
    default:
      return {};
  }
}
