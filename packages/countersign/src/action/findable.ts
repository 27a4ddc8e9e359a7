import type { Json } from "@countersign/contract";
import type { Findable } from "../lookup/index.ts";
import type { CallRecord } from "./record.ts";
import { type ActionRecord, recordOf } from "./stored-record.ts";

/** Characters of arguments and of a result that are looked at for something to find an action by. */
const mostChars = 16_384;
const longestText = 8_192;

/** What an entry's payload says that somebody may paste. */
export function findableOf(
  payload: Json | null,
  names: { readonly agent: string | null; readonly workflow: string | null; readonly tool: string | null },
): Findable {
  const { call, kind, result, error, evidence } = (recordOf(payload) ?? {}) as Partial<ActionRecord>;
  if (call !== undefined) return ofCall(call, names);
  if (kind !== undefined) {
    const answers = [result, error, evidence].filter((value) => value !== undefined);
    return { wholes: [], names: [], texts: stringsOf(answers) };
  }
  const { agent, workflow, tool } = names;
  return { ...(tool === null ? {} : { tool }), wholes: [], names: given(agent, workflow), texts: [] };
}

function given(...texts: readonly (string | null | undefined)[]): readonly string[] {
  return texts.flatMap((text) => (text === null || text === undefined || text === "" ? [] : [text]));
}

function ofCall(call: CallRecord, names: Parameters<typeof findableOf>[1]): Findable {
  // Of a call that was refused before anything was known of its tool, less is recorded.
  const { target, idempotencyKey, system, environment, onBehalfOf, run }: Partial<CallRecord> = call;
  return {
    ...(names.tool === null ? {} : { tool: names.tool }),
    wholes: given(target, idempotencyKey),
    names: given(names.agent, names.workflow, system, environment, onBehalfOf),
    texts: stringsOf([call.args, run?.task ?? null, call.claim ?? null, call.undoes?.reason ?? null]),
  };
}

/** Members that say how a result is built, and hold no words of it. */
const building = new Set(["type", "mimeType", "annotations", "_meta", "data"]);

/** Texts and numbers of JSON in their order, as much as is looked at. */
function stringsOf(values: readonly Json[]): readonly string[] {
  const texts: string[] = [];
  let left = mostChars;
  const see = (value: Json): void => {
    if (left <= 0) return;
    if (typeof value === "string") {
      const text = value.slice(0, Math.min(left, longestText));
      left -= text.length;
      texts.push(text);
    } else if (typeof value === "number") texts.push(String(value));
    else if (Array.isArray(value)) for (const one of value as readonly Json[]) see(one);
    else if (typeof value === "object" && value !== null)
      for (const [name, one] of Object.entries(value)) if (!building.has(name)) see(one);
  };
  for (const value of values) see(value);
  return texts;
}
