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
  const pairs = pairsOf([], call, plan.args, before).filter(({ old, now }) => !isSame(old, now));
  if (pairs.length === 0 && !isSame(call, plan.args))
    return unknown("none of its arguments stands for a part of the state before");
  const changes = pairs.map(changeOf);
  const told = new Set(pairs.map(({ path }) => JSON.stringify(path)));
  return { known: true, sentence: sentenceOf(changes), changes, beside: untold([], call, plan.args, told) };
}

/** Of a call that lists replacements in the text that its undo puts back. */
function editsOf(args: JsonObject, undo: JsonObject, edits: TextEdits): Effect {
  const old = undo[edits.undo];
  if (typeof old !== "string") return unknown("the state before is no text");
  const now = editedText(old, args, edits);
  if (typeof now !== "string") return unknown(now.why);
  const changes = old === now ? [] : [changeOf({ path: [edits.undo], old, now })];
  const list = args[edits.argument];
  const told = new Set([JSON.stringify([edits.argument])]);
  const beside = [
    ...untold([], args, undo, told),
    // What an edit says besides its two texts, such as that each place is meant.
    ...(Array.isArray(list) ? list : []).flatMap((edit: Json, at) =>
      Object.keys(object(edit)).flatMap((name) =>
        name === edits.from || name === edits.to ? [] : [atOf([edits.argument, String(at), name])],
      ),
    ),
  ];
  return { known: true, sentence: sentenceOf(changes), changes, beside };
}

function unknown(why: string): Effect {
  return { known: false, reason: `the difference is not known: ${why}` };
}

interface Pair {
  readonly path: readonly string[];
  readonly old: Json;
  readonly now: Json;
}

/** Arguments of the call beside what the undo would put there, where that is a part of the captured state. */
function pairsOf(above: readonly string[], args: JsonObject, undo: JsonObject, before: Json): readonly Pair[] {
  return Object.entries(undo).flatMap(([name, old]): readonly Pair[] => {
    const path = [...above, name];
    const now = own(args, name);
    if (old === undefined || now === undefined) return [];
    if (isIn(before, old)) return [{ path, old, now }];
    return isObject(old) && isObject(now) ? pairsOf(path, now, old, before) : [];
  });
}

/**
 * INVARIANT: whatever the call says otherwise than its undo is in one of the told pairs or named here, at any depth: where
 * nothing within it is told by its own name, and else what is left of it. A member that the call leaves out of a record
 * may be one that it takes away.
 */
function untold(
  above: readonly string[],
  args: JsonObject,
  undo: JsonObject,
  told: ReadonlySet<string>,
): readonly string[] {
  const names = above.length === 0 ? Object.keys(args) : [...new Set([...Object.keys(args), ...Object.keys(undo)])];
  return names.flatMap((name): readonly string[] => {
    const path = [...above, name];
    const [now, old] = [own(args, name), own(undo, name)];
    if (told.has(JSON.stringify(path)) || isSame(now, old)) return [];
    return isObject(now) && isObject(old) ? untold(path, now, old, told) : [atOf(path)];
  });
}

/** Names on the way to a value. One that could be taken for several stands in quotes. */
function atOf(path: readonly string[]): string {
  return path.map((name) => (/^[^.,"]+$/.test(name) ? name : JSON.stringify(name))).join(".");
}

function own(record: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Whether this stands anywhere in the captured state. */
function isIn(state: Json | undefined, value: Json): boolean {
  if (state === undefined) return false;
  if (isDeepStrictEqual(state, value)) return true;
  return typeof state === "object" && state !== null && Object.values(state).some((inner) => isIn(inner, value));
}

function changeOf({ path, old, now }: Pair): Change {
  const at = atOf(path);
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

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(args: Json | undefined): JsonObject {
  return isObject(args) ? args : {};
}
