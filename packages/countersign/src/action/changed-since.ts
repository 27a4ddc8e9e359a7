import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { changedPart, fill, isUnchanged, type PlannedCall } from "../catalog/index.ts";
import type { ReversalRule } from "../catalog/tool.ts";
import { digestText } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import type { Call } from "./call.ts";
import { editedText } from "./edited-text.ts";
import type { Parts } from "./parts.ts";
import { type Read, readThrough } from "./read-through.ts";
import { type ActionRecord, recordsOf } from "./stored-record.ts";

/** What was found where an undo's target is not as the deed left it for certain: the digest of what is there now in its place. */
export interface Changed {
  readonly since?: string;
  /** Whoever was asked for it gave no answer. */
  readonly unreached?: true;
}

type Inverse = ReversalRule & { readonly kind: "inverse" };

/**
 * Reads the target of a deed again before it is undone: what others did since would be undone with it. Where nobody can
 * tell, it counts as changed. Rules that say nothing of it are left to what their undo refuses itself. `known` is what
 * was read for this undo a moment ago.
 */
export async function changedSince(
  parts: Parts,
  call: Call,
  known?: { readonly wanted: PlannedCall; readonly result: JsonObject },
): Promise<Changed> {
  if (call.reverses === undefined) return {};
  const records = recordsOf(await readSubject(parts.db, call.reverses, parts.wrap));
  const deed = records[0]?.call;
  const tool = deed === undefined ? undefined : parts.plane.current().tool(deed.server, deed.tool);
  if (deed === undefined || tool === undefined) return { since: "untold" };
  const rule = tool.classify(deed.args).reversal ?? tool.reversal;
  if (rule.kind !== "inverse" || rule.unchanged === undefined) return {};
  const scope = scopeOf(rule, deed.args, records);
  const look = lookOf(rule, scope);
  if (look === undefined) return { since: "untold" };
  const isKnown =
    known !== undefined && canonical(known.wanted as object as Json) === canonical(look as object as Json);
  const read: Read = isKnown ? { result: known.result } : await readThrough(parts, call, look);
  const now = "reason" in read ? read.error : read.result;
  if (now === undefined)
    return "reason" in read && read.unreached === true ? { since: "unread", unreached: true } : { since: "untold" };
  if (isUnchanged(rule, now, scope)) return {};
  const part = changedPart(rule, now);
  return { since: part === undefined ? "untold" : digestText(canonical(part)) };
}

/** The deed's arguments, what was captured before it, what its server answered, and the text that its edits leave. */
function scopeOf(rule: Inverse, args: JsonObject, records: readonly (ActionRecord | null)[]) {
  const plan = records.findLast((record) => record?.plan !== undefined)?.plan;
  const result = records.findLast((record) => record?.kind === "answered")?.result;
  const before = plan?.kind === "inverse" ? plan.before : null;
  const text = plan?.kind === "inverse" && rule.edits !== undefined ? plan.args[rule.edits.undo] : undefined;
  const edited = rule.edits === undefined || typeof text !== "string" ? undefined : editedText(text, args, rule.edits);
  return { args, before, result, ...(typeof edited === "string" ? { edited } : {}) };
}

function lookOf({ look, capture }: Inverse, scope: ReturnType<typeof scopeOf>): PlannedCall | undefined {
  const template = look ?? capture;
  try {
    return template === undefined ? undefined : fill(template, scope);
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}
