import type { DecisionInput } from "@countersign/contract";
import { digestText } from "../../floor/digest.ts";

/**
 * A stored digest, where the input has it. What was read from canonical text is written again as that text by JSON
 * alone, which is far faster than to make it canonical; undefined says that only this can tell.
 *
 * Sound: a text with the digest of a canonical text is that text, and what it says is this input.
 */
export function storedDigest(input: DecisionInput, stored: string): string | undefined {
  return digestText(JSON.stringify(input)) === stored ? stored : undefined;
}
