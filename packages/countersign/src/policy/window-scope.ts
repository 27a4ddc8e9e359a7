import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { uncleanMember } from "../catalog/normalise/shape.ts";
import { scopeArgument, type WindowRule } from "./window.ts";

/** What a window may count a call by. */
export interface Counted {
  readonly agent: string;
  /** The run that limits of a run count it in. */
  readonly run: string;
  /** One text for one target of one system in one environment. */
  readonly target: string;
  /** The person that the agent works for; absent where it works for nobody. */
  readonly person?: string | undefined;
  /** Its arguments, with what the catalog made of them under `parsed`. */
  readonly args: JsonObject;
}

const longest = 4_096;

/**
 * Which of a window's own counts a call belongs to; empty where there is only one. Undefined where the call has no such
 * value: then there is no number either, and a limit that reads it refuses. Calls for nobody have one count together.
 */
export function scopeOf({ per }: Pick<WindowRule, "per">, call: Counted): string | undefined {
  switch (per) {
    case "workflow":
    case "workspace":
      return "";
    case "agent":
    case "run":
    case "target":
      return call[per];
    case "person":
      return (call.person ?? "").toLowerCase();
    default:
      return valueIn(call.args, scopeArgument(per) ?? "");
  }
}

/** One text for what an upstream may take for one value: more spellings in one count refuse more, and never less. */
function valueIn(args: JsonObject, name: string): string | undefined {
  const { parsed } = args;
  const read = isMembers(parsed) && Object.hasOwn(parsed, name) ? parsed[name] : undefined;
  if (read !== undefined)
    return isMembers(read) && read[uncleanMember] === undefined ? fold(canonical(withoutFlags(read))) : undefined;
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  if (typeof value === "boolean" || (typeof value === "number" && Number.isSafeInteger(value))) return String(value);
  if (typeof value !== "string" || value.length > longest || !value.isWellFormed()) return undefined;
  const folded = fold(value);
  return folded === "" ? undefined : folded;
}

const unseen = /[\p{Default_Ignorable_Code_Point}\p{M}\p{Cc}\p{Cf}]/gu;
// A line's end parts words as a space does; JavaScript's `\s` has a byte order mark, which is none.
const spaces = /\p{White_Space}+/gu;

/** Without what no eye sees and without marks on letters, in one form of letters and of case. */
function fold(text: string): string {
  // Taken apart first: an accented letter is its letter and a mark, and some fillers are others in disguise.
  const plain = text.replace(spaces, " ").normalize("NFKD").replace(unseen, "");
  return plain.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").replace(spaces, " ").trim();
}

/** A yes or no says how a value was written, as a path with `..` in it, and not which one it is. */
function withoutFlags(read: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => typeof value !== "boolean"));
}

function isMembers(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
