import { isDeepStrictEqual } from "node:util";
import type { Decision } from "@countersign/contract";
import { decisionBytes } from "../decide.ts";

/** The members in which a decision made again is not the stored one, byte for byte; undefined where it is the same. */
export function differingMembers(stored: Decision, again: Decision): readonly string[] | undefined {
  // Equal values have equal canonical bytes, and are told far faster.
  if (isSame({ ...again, micros: 0 }, { ...stored, micros: 0 })) return undefined;
  const [ours, theirs] = [membersOf(again), membersOf(stored)];
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  const differing = names.filter((name) => !isDeepStrictEqual(ours[name], theirs[name]));
  return differing.length === 0 ? undefined : differing;
}

function membersOf(decision: Decision): { readonly [member: string]: unknown } {
  return JSON.parse(decisionBytes(decision));
}

/** Of values that JSON can say; several times faster than comparing whatever there may be. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((element, at) => isSame(element, other[at]));
  }
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  const [ours, theirs] = [one, other] as { readonly [name: string]: unknown }[];
  return names.every((name) => Object.hasOwn(other, name) && isSame(ours?.[name], theirs?.[name]));
}
