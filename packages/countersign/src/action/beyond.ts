import type { Json, JsonObject } from "@countersign/contract";
import type { Submission } from "./submission.ts";

/** What a call carries to its target beside its arguments: answers to an earlier question of the server, and metadata. */
export function beyondArguments(submission: Pick<Submission, "method" | "params" | "args">): JsonObject | undefined {
  const { method, params, args } = submission;
  const isArgument = (member: string): boolean =>
    method === "tools/call" ? member === "name" || member === "arguments" : Object.hasOwn(args, member);
  const rest = Object.entries(params).filter(([member, value]) => !isArgument(member) && !isEmpty(value));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

/** The same less what only carries the exchange: the client's name and abilities, and the token of its progress. */
export function shownBeyond(submission: Pick<Submission, "method" | "params" | "args">): JsonObject | undefined {
  const { _meta, ...rest } = beyondArguments(submission) ?? {};
  const own = Object.entries(isObject(_meta) ? _meta : {}).filter(
    ([name]) => name !== "progressToken" && !name.startsWith("io.modelcontextprotocol/"),
  );
  const shown = own.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(own) };
  return Object.keys(shown).length === 0 ? undefined : shown;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
