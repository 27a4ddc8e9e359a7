import { Problem } from "../floor/problem.ts";
import { readSubject } from "../ledger/read.ts";
import { advance } from "./advance.ts";
import { noteStep } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { mostQuestions, questionsOf } from "./questions.ts";
import { requireAsWas } from "./require-as-was.ts";
import { trackOf } from "./resume.ts";

export interface AskedBack {
  readonly action: string;
  readonly person: string;
  readonly question: string;
  readonly callDigest: string;
  readonly shownDigest: string;
}

/** Records a question to the agent of a held action, which stays held. */
export async function askBack(parts: Parts, { action, person, question, ...shown }: AskedBack): Promise<void> {
  const subject = await readSubject(parts.db, action, parts.wrap);
  const track = trackOf(parts.plane.current(), subject);
  if (track?.state !== "held") throw new Problem("conflict", "it no longer waits for an answer");
  const asked = questionsOf(subject.entries).length;
  if (asked >= mostQuestions)
    throw new Problem("conflict", `it was asked back ${mostQuestions} times, which is as often as one can be`, {
      help: "approve it or deny it",
    });
  const clean = String(parts.checking.redact(question).value);
  const payload = { asked: { number: asked + 1, by: person, question: clean, shownDigest: shown.shownDigest } };
  await advance(parts, track, [{ kind: "asked", to: "held", payload, person }], {
    within: async (tx) => {
      await requireAsWas(parts, tx, action, shown);
      await noteStep(tx, action, track.step);
    },
  });
}
