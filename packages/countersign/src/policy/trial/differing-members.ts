import { isDeepStrictEqual } from "node:util";
import type { Decision } from "@countersign/contract";
import { decisionBytes } from "../decide.ts";

/** The members in which a decision made again is not the stored one, byte for byte; undefined where it is the same. */
export function differingMembers(stored: Decision, again: Decision): readonly string[] | undefined {
  // Equal values have equal canonical bytes, and are told far faster.
  if (isDeepStrictEqual({ ...again, micros: 0 }, { ...stored, micros: 0 })) return undefined;
  const [ours, theirs] = [membersOf(again), membersOf(stored)];
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  const differing = names.filter((name) => !isDeepStrictEqual(ours[name], theirs[name]));
  return differing.length === 0 ? undefined : differing;
}

function membersOf(decision: Decision): { readonly [member: string]: unknown } {
  return JSON.parse(decisionBytes(decision));
}
