import type { Requirement } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import { advance } from "./advance.ts";
import { insertAnswer, type Measured, standingGlass } from "./approval-sql.ts";
import type { AnswerRecord } from "./approvals.ts";
import { undoNames } from "./call.ts";
import { dropOpen, stepOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { requireAsWas } from "./require-as-was.ts";
import { requireRoom } from "./require-room.ts";
import { trackOf } from "./resume.ts";
import { useShown } from "./shown-sql.ts";

export interface Answered {
  readonly action: string;
  readonly person: string;
  readonly vouchedBy: readonly string[];
  readonly groups: readonly string[];
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly method: string;
  readonly shownDigest: string;
  readonly callDigest: string;
  readonly dwellMs: number | null;
  readonly requirements: readonly Extract<Requirement, { kind: "approval" }>[];
  readonly as: string;
  readonly singlePerson: boolean;
  readonly measured: Measured;
  /** How many approvals the person may give within an hour, this one included. */
  readonly perHour?: number;
  /** It was answered with others at once; `opened`: this one was opened by itself before. */
  readonly batch?: { readonly id: string; readonly of: number; readonly opened: boolean };
  /** By editing another action into this one. */
  readonly editOf?: string;
  readonly passkey?: NonNullable<AnswerRecord["passkey"]>;
  /** In place of all that are missing. */
  readonly breakGlass?: NonNullable<AnswerRecord["breakGlass"]>;
  /** What is written in the answer's transaction; may run again. */
  readonly alongside?: (tx: Tx) => Promise<void>;
}

const tries = 8;

/** Records a person's answer to a held action, with its entry, in one transaction; people who answer at once do not undo each other. */
export function advanceHeld(parts: Parts, answered: Answered): Promise<void> {
  return untilFirst(() => recordAnswer(parts, answered));
}

/** Tries again what somebody else moved first: what they did is read anew each time. */
export async function untilFirst<T>(write: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await write();
    } catch (thrown) {
      const raced = thrown instanceof Problem && thrown.code === "conflict" && thrown.cause !== undefined;
      if (!raced || tried === tries) throw thrown;
    }
  }
}

async function recordAnswer(parts: Parts, answered: Answered): Promise<void> {
  const subject = await readSubject(parts.db, answered.action, parts.wrap);
  const track = trackOf(parts.plane.current(), subject);
  if (track === undefined || track.state !== "held") throw new Problem("conflict", "it no longer waits for an answer");
  const denies = answered.verdict === "deny";
  const { requirements, alongside, measured, perHour, ...rest } = answered;
  const policies = requirements.map(({ policy, policyDigest }) => ({ policy, policyDigest }));
  const refusal = { refusal: "denied", sentence: `denied by ${answered.person}: ${answered.reason}` };
  const { looked } = measured;
  const unopened = measured.unopened ? { unopened: true } : {};
  const skimmed = measured.skimmed ? { skimmed: true, ...unopened } : {};
  const payload = { answer: { ...rest, ...skimmed, looked, policies }, ...(denies ? refusal : {}) };
  const kind = denies ? "denied" : answered.breakGlass === undefined ? "approved" : "glass";
  await advance(parts, track, [{ kind, to: denies ? "refused" : "held", payload, person: answered.person }], {
    releases: denies ? undoNames(track.call) : [],
    within: async (tx) => {
      // INVARIANT: a page that became another since, however close behind the check of what was shown, takes no answer.
      const shown = { digest: answered.shownDigest, subject };
      await requireAsWas(parts, tx, answered.action, { callDigest: answered.callDigest, shown });
      if (answered.breakGlass !== undefined) await requireWhole(tx, answered);
      if (!denies && perHour !== undefined) await requireRoom(tx, answered.person, answered.action, perHour);
      for (const { policy, policyDigest } of policies) {
        const { passkey, breakGlass, ...plain } = rest;
        await insertAnswer(tx, {
          ...plain,
          measured,
          policy,
          policyDigest,
          ...(passkey === undefined ? {} : { passkey: passkey.id }),
          ...(breakGlass === undefined ? {} : { glassUntil: breakGlass.until }),
        });
      }
      // INVARIANT: in the transaction of the answer, so that one signature gives one answer.
      if (rest.passkey !== undefined && !(await useShown(tx, rest, rest.passkey.nonce)))
        throw new Problem("conflict", "this signature was used already", { help: "look at it again" });
      await alongside?.(tx);
      if (denies) await dropOpen(tx, answered.action);
      else await stepOpen(tx, answered.action, track.step);
    },
  });
}

/** INVARIANT: nobody breaks the glass over a call again, alone or with somebody else at once, while it is broken. */
async function requireWhole(tx: Tx, { action, callDigest }: Answered): Promise<void> {
  const by = await standingGlass(tx, action, callDigest);
  if (by === undefined) return;
  throw new Problem("conflict", `${by} has broken the glass over this action already`, {
    help: "it goes on by that answer; look at what else it waits for",
  });
}
