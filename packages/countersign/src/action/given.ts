import type { Json } from "@countersign/contract";

/** What the agent's client gave the server while a call ran, because the server asked: it left, so the receipt says so. */
export interface Given {
  readonly at: string;
  /** The method that the server asked with: `sampling/createMessage`, `elicitation/create` or `roots/list`. */
  readonly asked: string;
  /** Digest of the question as the agent's client got it. */
  readonly questionDigest: string;
  /** Digest of the answer before redaction. */
  readonly answerDigest: string;
  /** The answer without its secrets; where it is too large, its size. */
  readonly answer?: Json;
  /** Why it was not passed on. */
  readonly withheld?: string;
}
