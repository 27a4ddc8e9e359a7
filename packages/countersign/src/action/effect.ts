import { isDeepStrictEqual } from "node:util";
import { canonical, type Json, type JsonObject, type ReversalPlan, type TextEdits } from "@countersign/contract";
import { lineDifference } from "../workspace/index.ts";
import { editedText } from "./edited-text.ts";

/** What an approver is shown of a call, as far as its effect follows from it. */
export interface Shows {
  readonly tool: string;
  readonly args?: Json;
  readonly before?: Json;
  readonly plan?: ReversalPlan;
}

export type Change =
  | {
      readonly kind: "text";
      readonly at: string;
      readonly added: number;
      readonly removed: number;
      readonly lines: readonly string[];
    }
  | { readonly kind: "value"; readonly at: string; readonly before: Json; readonly after: Json };

export type Effect =
  | {
      readonly known: true;
      readonly sentence: string;
      readonly changes: readonly Change[];
      readonly beside: readonly string[];
    }
  | { readonly known: false; readonly reason: string };

/** Beyond this many characters of both texts the difference is told as one text gone and the other new. */
const mostChars = 2_000_000;

/**
 * The difference of the target. Where the undo is a call of the same tool, an argument that it fills from the captured
 * state is what the call's own argument of that name replaces. Pure: of nothing but what the approver is shown.
 */
export function effectOf({ tool, args, before, plan }: Shows): Effect {
  if (plan?.kind !== "inverse") return unknown(plan?.reason ?? "nothing is known of how it would be undone");
  if (before === undefined)
    return unknown("the catalog names no read of the state before, so there is nothing to compare");
  if (plan.edits !== undefined) return editsOf(object(args), plan.args, plan.edits);
  if (plan.tool !== tool)
    return unknown(
      `it is undone by another tool, \`${plan.tool}\`, so no argument of this call stands for the state before`,
    );
  const call = object(args);
  // What is the same in both may be a name as well as a state: it tells nothing unless all is the same.
  const pairs = pairsOf("", call, plan.args, before).filter(({ old, now }) => !isSame(old, now));
  if (pairs.length === 0 && !isSame(call, plan.args))
    return unknown("none of its arguments stands for a part of the state before");
  const changes = pairs.map(changeOf);
  const told = new Set(pairs.map(({ at }) => at.split(".")[0]));
  const beside = Object.keys(call).filter((name) => !told.has(name) && !isSame(call[name], plan.args[name]));
  return { known: true, sentence: sentenceOf(changes), changes, beside };
}

/** Of a call that lists replacements in the text that its undo puts back. */
function editsOf(args: JsonObject, undo: JsonObject, edits: TextEdits): Effect {
  const old = undo[edits.undo];
  if (typeof old !== "string") return unknown("the state before is no text");
  const now = editedText(old, args, edits);
  if (typeof now !== "string") return unknown(now.why);
  const changes = old === now ? [] : [changeOf({ at: edits.undo, old, now })];
  const beside = Object.keys(args).filter((name) => name !== edits.argument && !isSame(args[name], undo[name]));
  return { known: true, sentence: sentenceOf(changes), changes, beside };
}

function unknown(why: string): Effect {
  return { known: false, reason: `the difference is not known: ${why}` };
}

interface Pair {
  readonly at: string;
  readonly old: Json;
  readonly now: Json;
}

/** Arguments of the call beside what the undo would put there, where that is a part of the captured state. */
function pairsOf(path: string, args: JsonObject, undo: JsonObject, before: Json): readonly Pair[] {
  return Object.entries(undo).flatMap(([name, old]): readonly Pair[] => {
    const at = path === "" ? name : `${path}.${name}`;
    const now = args[name];
    if (old === undefined || now === undefined) return [];
    if (isIn(before, old)) return [{ at, old, now }];
    return isObject(old) && isObject(now) ? pairsOf(at, now, old, before) : [];
  });
}

/** Whether this stands anywhere in the captured state. */
function isIn(state: Json | undefined, value: Json): boolean {
  if (state === undefined) return false;
  if (isDeepStrictEqual(state, value)) return true;
  return typeof state === "object" && state !== null && Object.values(state).some((inner) => isIn(inner, value));
}

function changeOf({ at, old, now }: Pair): Change {
  if (typeof old !== "string" || typeof now !== "string" || !isLong(old, now))
    return { kind: "value", at, before: old, after: now };
  const lines =
    old.length + now.length > mostChars
      ? [...old.split("\n").map((line) => `- ${line}`), ...now.split("\n").map((line) => `+ ${line}`)]
      : lineDifference(old, now);
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  return { kind: "text", at, added: count("+ "), removed: count("- "), lines };
}

/** Texts of several lines are compared by lines; a word or a number is told whole. */
function isLong(old: string, now: string): boolean {
  return old.includes("\n") || now.includes("\n") || old.length + now.length > 160;
}

function sentenceOf(changes: readonly Change[]): string {
  if (changes.length === 0) return "it changes nothing that is known: what it writes is there already";
  return changes.map(said).join("; ");
}

function said(change: Change): string {
  if (change.kind === "value") return `${change.at} from ${short(change.before)} to ${short(change.after)}`;
  const { at, added, removed } = change;
  const lines = added + removed;
  return `${lines} ${lines === 1 ? "line" : "lines"} of ${at}: ${added} added, ${removed} removed`;
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return one !== undefined && other !== undefined && canonical(one) === canonical(other);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(args: Json | undefined): JsonObject {
  return args !== undefined && isObject(args) ? args : {};
}
