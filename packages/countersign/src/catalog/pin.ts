import type { Definition } from "./tool.ts";

/**
 * `pinned`: reviewed and in force. `changed`: another definition than the pinned one, not reviewed. `new`: never
 * reviewed. `removed`: was pinned, the server lists it no more. `rejected`: a person said no. `superseded`: was
 * pinned until another was approved.
 */
export type PinStatus = "pinned" | "changed" | "new" | "removed" | "rejected" | "superseded";

/** One definition that a server has listed, and what was said of it. */
export interface Pin {
  readonly server: string;
  readonly tool: string;
  readonly digest: string;
  readonly definition: Definition;
  readonly status: PinStatus;
  /** A person, or `pack name@version`. */
  readonly reviewedBy?: string;
  readonly reviewedAt?: string;
  readonly seenAt: string;
}

/** What an observation found to be different from what is pinned. */
export interface DefinitionChange {
  /** `rejected`: it still lists what a person refused. `ambiguous`: listed twice, or without a digest. */
  readonly kind: "new" | "changed" | "rejected" | "removed" | "returned" | "ambiguous";
  readonly tool: string;
  readonly digest?: string;
  /** Digest of the definition that is pinned. */
  readonly was?: string;
}

/** The word for a definition that is listed now and whose pin has this status, or none; undefined where nothing changes. */
export function statusWhenListed(
  known: PinStatus | undefined,
  tool: { readonly isPinned: boolean; readonly isShipped: boolean },
): PinStatus | undefined {
  switch (known) {
    case "pinned":
    case "rejected":
      return undefined;
    case "changed":
    case "new":
      return tool.isShipped ? "pinned" : undefined;
    case "removed":
      // The same bytes that were reviewed came back.
      return tool.isPinned ? "changed" : "pinned";
    case "superseded":
      // An older definition came back after a newer one was approved: a person looks again.
      return "changed";
    case undefined:
      if (tool.isShipped) return "pinned";
      return tool.isPinned ? "changed" : "new";
  }
}
