import type { AnyReceipt } from "@countersign/client";
import {
  compareDeed,
  compareReceipt,
  type Json,
  type JsonObject,
  parseEnvelope,
  parseStatement,
  type Trust,
  verifyBundle,
} from "@countersign/contract";

export { packType } from "@countersign/contract";

/** How many steps a bundle tells of; nothing of it is verified. */
export function stepsIn(bytes: Uint8Array): number {
  return parseStatement(parseEnvelope(bytes).payload).predicate.entries.length;
}

/** What came of verifying a bundle here. */
export interface Verdict {
  readonly holds: boolean;
  /** Signed, and not yet in a checkpoint: in a second it is. */
  readonly isPending: boolean;
  /** Of the checkpoint. */
  readonly size: number | null;
  readonly problems: readonly string[];
  readonly withheld: number;
  /** The log is proven to have only grown since the checkpoint that was seen before. */
  readonly onlyGrew: boolean;
  /** The process of the plane that wrote each entry, by step. */
  readonly writers: readonly string[];
}

/** Verifies the bundle, and that it says what the page shows: a true bundle beside another receipt proves nothing. */
export async function verifyReceipt(shown: AnyReceipt, bytes: Uint8Array, trust: Trust): Promise<Verdict> {
  const verified = await verifyBundle(bytes, trust);
  const differing = verified.subject === null ? [] : differences(shown, bytes, verified.withheld.length > 0);
  const problems = [
    ...new Set(verified.problems.filter(({ code }) => code !== "pending").map(({ sentence }) => sentence)),
    ...differing,
  ];
  const isPending = problems.length === 0 && verified.proof === "pending";
  return {
    holds: verified.ok && problems.length === 0,
    isPending,
    size: verified.checkpoint?.size ?? null,
    problems,
    withheld: verified.withheld.length,
    onlyGrew: verified.pin === "consistent" || verified.pin === "same",
    writers: verified.entries.map(({ writer }) => writer),
  };
}

function differences(shown: AnyReceipt, bytes: Uint8Array, isWithheld: boolean): readonly string[] {
  const { subject, entries } = parseStatement(parseEnvelope(bytes).payload).predicate;
  if (subject !== shown.id) return ["the bundle is about something else than this page"];
  const receipt = shown as unknown as JsonObject;
  const differing =
    "what" in shown ? compareReceipt(receipt as Json, entries, isWithheld).differing : compareDeed(receipt, entries);
  return differing.map((pointer) => `the page says something else than the ledger of its ${wordsOf(pointer)}`);
}

/** Members of a receipt as the page calls them. */
const called: Readonly<Record<string, string>> = {
  "/at": "moment",
  "/checks": "checks",
  "/approvals/answers": "answers",
  "/policy/effect": "decision",
  "/policy/policySet": "rules in force",
  "/what/args": "arguments",
  "/what/argsDigest": "arguments' digest",
  "/what/callDigest": "call digest",
  "/what/dri": "DRI",
  "/what/isError": "result, whether it is an error",
  "/what/moves": "moves",
  "/what/onBehalfOf": "person on whose behalf it was",
  "/what/resultDigest": "result's digest",
};

const wordsOf = (pointer: string): string => called[pointer] ?? pointer.split("/").at(-1) ?? pointer;
