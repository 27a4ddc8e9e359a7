/** Everything that a verifier can find: the second verifier uses the same words. */
export const flawCodes = [
  "json",
  "canonical",
  "shape",
  "base64",
  "unknown_key",
  "signature",
  "note",
  "origin",
  "checkpoint_signature",
  "key_window",
  "subject",
  "step",
  "move",
  "chain",
  "inclusion",
  "head",
  "commitment",
  "receipt",
  "passkey",
  "pending",
  "fork",
  "size",
  "root",
  "edited",
  "time",
] as const;
export type FlawCode = (typeof flawCodes)[number];

export interface FoundFlaw {
  readonly code: FlawCode;
  /** A JSON pointer into the statement, `line N` of an export, or a part's name. */
  readonly at: string;
  readonly sentence: string;
}

/** Thrown where verification cannot go on; `verify*` turn it into an answer. */
export class Flaw extends Error implements FoundFlaw {
  readonly code: FlawCode;
  readonly at: string;
  readonly sentence: string;

  constructor(code: FlawCode, at: string, sentence: string) {
    super(sentence);
    this.name = "Flaw";
    this.code = code;
    this.at = at;
    this.sentence = sentence;
  }

  found(): FoundFlaw {
    return { code: this.code, at: this.at, sentence: this.sentence };
  }
}
