import type { DecisionInput, JsonObject, PasskeyProof } from "@countersign/contract";
import type { Looked } from "../approvals/index.ts";
import type { Subject } from "../ledger/read.ts";
import type { EditRecord } from "./questions.ts";
import type { DecidedRecord } from "./record.ts";
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
  /** After too short a look, or without having opened most of it, so one more person was asked. */
  readonly skimmed?: true;
  /** What of it they opened; entries from before that was recorded do not say. */
  readonly looked?: Looked;
  /** Most of what it does was never opened. */
  readonly unopened?: true;
  readonly as: string;
  readonly singlePerson: boolean;
  readonly policies: readonly { readonly policy: string; readonly policyDigest: string }[];
  readonly batch?: { readonly id: string; readonly of: number; readonly opened: boolean };
  readonly editOf?: string;
  /** The signature that came with it, and the id of the passkey here. */
  readonly passkey?: PasskeyProof & { readonly id: string };
  /** It was given alone, in place of these. */
  readonly breakGlass?: BrokenGlass;
}

/** What the entry of somebody says who broke the glass. */
export interface BrokenGlass {
  readonly id: string;
  /** It stands for nothing that is sent later. */
  readonly until: string;
  readonly reviewBy: string;
  readonly missing: readonly Missing[];
}

/** How many answers one policy's question lacked, from whom, and who had given theirs. */
export interface Missing {
  readonly policy: string;
  readonly from: string;
  readonly missing: number;
  readonly given: readonly string[];
}

/** The fifth question of a receipt. */
export interface Approvals {
  readonly sentence: string;
  /** What was granted beforehand and counted here. */
  readonly grants?: readonly { readonly grant: string; readonly person: string; readonly until: string }[];
  readonly answers: readonly (AnswerRecord & { readonly at: string })[];
  /** What they were shown, made again from the entries before each answer; whose digest is theirs. */
  readonly shown: readonly { readonly shownDigest: string; readonly document: JsonObject }[];
}

/** Who answered, in what capacity and to what; or why nobody had to. */
export function approvalsOf(subject: Subject, decided: DecidedRecord | undefined): Approvals {
  const { decision, input } = decided ?? {};
  const answers = subject.entries.flatMap(({ entry, payload }) => {
    const answer = (payload as { readonly answer?: AnswerRecord } | null)?.answer;
    return answer === undefined ? [] : [{ ...answer, at: entry.at }];
  });
  const edit = (subject.entries.at(-1)?.payload as { readonly edit?: EditedAway } | null | undefined)?.edit;
  const edited = edit === undefined ? [] : [`${edit.by} edited it ${edit.as} into ${edit.action}`];
  const grants = decision?.effect === "allow" && input !== undefined ? countedGrants(input) : [];
  const said = [
    ...answers.map(answerSentence),
    ...grants.map(({ person, grant, until }) => `${person} had granted calls like it until ${until} (${grant})`),
    ...edited,
  ];
  const shown = shownBefore(subject);
  const made = { answers, shown, ...(grants.length === 0 ? {} : { grants }) };
  if (said.length > 0) return { sentence: said.join("; "), ...made };
  const needs = decision?.requirements.some((requirement) => requirement.kind === "approval");
  return { sentence: needs ? "nobody yet" : "nobody had to: no policy asked for a person", ...made };
}

interface EditedAway extends EditRecord {
  readonly as: string;
}

function answerSentence({
  person,
  verdict,
  as,
  vouchedBy = [],
  passkey,
  batch,
  editOf,
  skimmed,
  breakGlass,
  looked: seen,
  unopened,
}: AnswerRecord): string {
  const vouched = vouchedBy.length === 0 ? "" : `, let in by ${vouchedBy.join(" and ")}`;
  const signed = passkey === undefined ? "" : ", signed with a passkey";
  const others = batch === undefined ? "" : `, with ${batch.of - 1} others at once`;
  const looked = batch === undefined || batch.opened ? "" : ", from the list and not opened by itself";
  const edited = editOf === undefined ? "" : `, by editing ${editOf}`;
  const least = seen === undefined || seen.of < 3 ? "" : `, having opened ${seen.seen} of ${seen.of} parts`;
  const most = ", with most of it never opened, so that one more person was asked";
  const why = unopened === true ? most : ", after so short a look that one more person was asked";
  const short = skimmed === true ? why : "";
  if (breakGlass !== undefined)
    return `${person} approved it alone by break-glass ${as}${signed}${vouched}${least}, in place of ${missingWords(breakGlass.missing)}`;
  return `${person} ${verdict === "approve" ? "approved" : "denied"} it ${as}${signed}${vouched}${others}${looked}${edited}${least}${short}`;
}

/** Whose answers were missing, in words. */
export function missingWords(missing: readonly Missing[]): string {
  return missing
    .map(({ policy, from, missing: count, given }) => {
      const beside = given.length === 0 ? "" : ` beside ${given.join(" and ")}`;
      return `${count} ${count === 1 ? "answer" : "answers"} from \`${from}\`${beside} (policy ${policy})`;
    })
    .join(" and ");
}

function countedGrants({ facts }: DecisionInput): NonNullable<Approvals["grants"]> {
  const found = facts.approvals.flatMap(({ grant, person }) =>
    grant === undefined ? [] : [[grant.id, { grant: grant.id, person, until: grant.until }] as const],
  );
  return [...new Map(found).values()];
}
