import type { ActionReceipt } from "@countersign/client";
import {
  type Leaf,
  parseEnvelope,
  parseStatement,
  type Trust,
  type Verified,
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

/** Verifies the bundle, and that it is about what the page shows: a true bundle beside another receipt proves nothing. */
export async function verifyReceipt(
  shown: Pick<ActionReceipt, "id" | "state" | "what"> | string,
  bytes: Uint8Array,
  trust: Trust,
): Promise<Verdict> {
  const verified = await verifyBundle(bytes, trust);
  const differing = verified.subject === null ? [] : differences(shown, verified, bytes);
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

function differences(
  shown: Pick<ActionReceipt, "id" | "state" | "what"> | string,
  { subject, entries }: Verified,
  bytes: Uint8Array,
): readonly string[] {
  if (typeof shown === "string") return subject === shown ? [] : ["the bundle is about something else"];
  const { id, state, what } = shown;
  const said: [boolean, string][] = [
    [subject === id, "the bundle is about another action than this page"],
    [entries.findLast(({ to }) => to !== null)?.to === state, `the page says that it is ${state}, the ledger does not`],
    [entries.length === what.moves.length, "the page tells of other moves than the ledger has"],
    [what.moves.every((move, at) => isMove(move, entries[at])), "a move on the page is not the one in the ledger"],
    [isOne(what.agent, entries[0]?.agent), "the ledger names another agent than the page"],
    [isOne(what.tool, entries[0]?.tool), "the ledger names another tool than the page"],
    [isOne(what.run, entries[0]?.run), "the ledger names another run than the page"],
    [saysDigest(bytes, what.argsDigest), "the ledger has other arguments than the page"],
  ];
  return said.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}

const isOne = (page: string, leaf: string | undefined): boolean => page === (leaf ?? "");

function isMove(move: ActionReceipt["what"]["moves"][number], leaf: Leaf | undefined): boolean {
  if (leaf === undefined) return false;
  const isSame = Date.parse(leaf.at) === Date.parse(move.at) && leaf.kind === move.kind;
  return isSame && leaf.to === move.to && leaf.from === move.from && leaf.person === move.person;
}

/** Whether the first entry binds the digest of the arguments that the page shows; true where it is withheld. */
function saysDigest(bytes: Uint8Array, argsDigest: string): boolean {
  const payload = parseStatement(parseEnvelope(bytes).payload).predicate.entries[0]?.payload;
  if (payload === undefined || argsDigest === "") return true;
  const { call, input } = payload as Record<"call" | "input", { readonly argsDigest?: string } | undefined>;
  return (call?.argsDigest ?? input?.argsDigest ?? argsDigest) === argsDigest;
}
