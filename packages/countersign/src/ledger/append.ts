import type { Tx } from "../db/db.ts";
import { sqlStateOf } from "../db/failure.ts";
import { Problem } from "../floor/problem.ts";
import type { Placed, Sealed } from "./entry.ts";
import type { Claim, Rows } from "./sql.ts";

/** What is to be written together, or not at all. */
export interface Append {
  readonly sealed: readonly Sealed[];
  readonly keys?: readonly { readonly subject: string; readonly wrapped: Buffer }[];
  readonly claims?: readonly Claim[];
  readonly releases?: readonly string[];
  /** Runs in the same transaction before the entries; may run again, so it must be safe to repeat. What it throws rejects this append only, also that it waited too long for a lock. */
  readonly within?: (tx: Tx) => Promise<void>;
}

/** One append in the queue. */
export interface Waiting {
  readonly item: Append;
  readonly resolve: (placed: readonly Placed[]) => void;
  readonly reject: (reason: unknown) => void;
  /** It was told that it is not written: it must not be, in no later try either. */
  isRefused?: true;
}

/** What a batch inserts besides its entries. */
export function rowsOf(batch: readonly Waiting[], placed: readonly Placed[]): Rows {
  return {
    placed,
    keys: batch.flatMap((waiting) => waiting.item.keys ?? []),
    claims: batch.flatMap((waiting) => waiting.item.claims ?? []),
    releases: batch.flatMap((waiting) => waiting.item.releases ?? []),
  };
}

/** What the database refused, in words of the table of problems. */
export function asConflict(thrown: unknown): unknown {
  const state = sqlStateOf(thrown) ?? "";
  if (state.startsWith("23")) {
    return new Problem("conflict", "somebody else moved this first", {
      help: "read it again and decide anew",
      cause: thrown,
    });
  }
  if (state.startsWith("22"))
    return new Problem("invalid", "the record holds text that cannot be stored", { cause: thrown });
  return thrown;
}

export function fencedProblem(): Problem {
  return new Problem("unavailable", "this replica lost its place in the ledger", {
    help: "try again; another replica answers",
  });
}
