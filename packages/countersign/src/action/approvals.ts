import type { Decision, JsonObject, PasskeyProof } from "@countersign/contract";
import type { Subject } from "../ledger/read.ts";
import { shownBefore } from "./shown.ts";

/** A person's answer, as its entry has it. */
export interface AnswerRecord {
  readonly person: string;
  /** Who vouched for the login that answered; entries from before that was known do not say. */
  readonly vouchedBy?: readonly string[];
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly method: string;
  readonly shownDigest: string;
  readonly callDigest: string;
  readonly dwellMs: number | null;
  /** After too short a look, so one more person was asked. */
  readonly skimmed?: true;
  readonly as: string;
  readonly singlePerson: boolean;
  readonly policies: readonly { readonly policy: string; readonly policyDigest: string }[];
  /** The signature that came with it, and the id of the passkey here. */
  readonly passkey?: PasskeyProof & { readonly id: string };
}

/** The fifth question of a receipt. */
export interface Approvals {
  readonly sentence: string;
  readonly answers: readonly (AnswerRecord & { readonly at: string })[];
  /** What they were shown, made again from the entries before each answer; whose digest is theirs. */
  readonly shown: readonly { readonly shownDigest: string; readonly document: JsonObject }[];
}

/** Who answered, in what capacity and to what; or why nobody had to. */
export function approvalsOf(subject: Subject, decision: Decision | undefined): Approvals {
  const answers = subject.entries.flatMap(({ entry, payload }) => {
    const answer = (payload as { readonly answer?: AnswerRecord } | null)?.answer;
    return answer === undefined ? [] : [{ ...answer, at: entry.at }];
  });
  if (answers.length > 0) {
    const said = answers.map((answer) => {
      const { vouchedBy = [] } = answer;
      const vouched = vouchedBy.length === 0 ? "" : `, let in by ${vouchedBy.join(" and ")}`;
      const short = answer.skimmed === true ? ", after so short a look that one more person was asked" : "";
      const signed = answer.passkey === undefined ? "" : ", signed with a passkey";
      return `${answer.person} ${answer.verdict === "approve" ? "approved" : "denied"} it ${answer.as}${signed}${vouched}${short}`;
    });
    return { sentence: said.join("; "), answers, shown: shownBefore(subject) };
  }
  const needs = decision?.requirements.some((requirement) => requirement.kind === "approval") ?? false;
  return { sentence: needs ? "nobody yet" : "nobody had to: no policy asked for a person", answers, shown: [] };
}
