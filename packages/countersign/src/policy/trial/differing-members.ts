import { isDeepStrictEqual } from "node:util";
import type { Decision } from "@countersign/contract";
import { decisionBytes } from "../decide.ts";

/** The members in which a decision made again is not the stored one, byte for byte; undefined where it is the same. */
export function differingMembers(stored: Decision, again: Decision): readonly string[] | undefined {
  // Equal values have equal canonical bytes, and are told far faster.
  if (isDeepStrictEqual({ ...again, micros: 0 }, { ...stored, micros: 0 })) return undefined;
  const [one, other] = [decisionBytes(again), decisionBytes(stored)];
  if (one === other) return undefined;
  const [ours, theirs] = [one, other].map((bytes) => JSON.parse(bytes) as { readonly [member: string]: unknown });
  const names = [...new Set([...Object.keys(ours ?? {}), ...Object.keys(theirs ?? {})])].sort();
  return names.filter((name) => !isDeepStrictEqual(ours?.[name], theirs?.[name]));
}
