import type { JsonObject } from "./json.ts";

export type VetoKind = "opa-http" | "opa-wasm" | "authzen";

/** What a veto may ask for: the cures that policies have too. */
export type VetoCure =
  | {
      readonly kind: "approval";
      readonly from: string;
      readonly count: number;
      readonly exclude: readonly ("requester" | "owner")[];
      readonly openMs: number;
      readonly validMs: number;
    }
  | { readonly kind: "check"; readonly name: string; readonly maxAgeMs: number }
  | { readonly kind: "wait"; readonly until: string };

/** What a veto answered to one exact question, or that it could not be asked. Stored with the input: a replay uses it and asks nobody. */
export interface VetoFact {
  readonly veto: string;
  readonly kind: VetoKind;
  /** Digest of the veto as the workspace declares it. */
  readonly rule: string;
  /** Digest of the question without its time and id: an answer to another question does not count. */
  readonly questionDigest: string;
  /** Digest of the bytes that were answered; absent where none came. */
  readonly answerDigest?: string;
  readonly at: string;
  readonly microseconds: number;
  readonly effect: "allow" | "require" | "deny";
  readonly cures: readonly VetoCure[];
  readonly obligations: readonly { readonly kind: string; readonly properties: JsonObject }[];
  /** Its own words about why, cut to size. */
  readonly reason?: string;
  /** Revision of the bundle that answered, as it says. */
  readonly revision?: string;
  /** Its own id of the decision. */
  readonly decisionId?: string;
  /** Why it counts as a denial although nobody denied: `no answer in time`. */
  readonly fault?: string;
}
