import type { ActionView } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import { advance } from "./advance.ts";
import { untilFirst } from "./advance-held.ts";
import { loadFor } from "./get.ts";
import { lockOpen, noteStep } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { questionsOf, unanswered } from "./questions.ts";
import { trackOf } from "./resume.ts";

/** The agent answers a question about its held action: a claim, which whoever approves is shown. */
export async function reply(
  parts: Parts,
  caller: Caller,
  id: string,
  said: { readonly reply: string; readonly question?: number },
): Promise<ActionView> {
  await loadFor(parts, caller, id);
  await untilFirst(() => record(parts, id, said));
  return (await loadFor(parts, caller, id)).view;
}

async function record(parts: Parts, id: string, said: Parameters<typeof reply>[3]): Promise<void> {
  const subject = await readSubject(parts.db, id, parts.wrap);
  const track = trackOf(parts.plane.current(), subject);
  if (track?.state !== "held") throw new Problem("conflict", "it is not held any more, so nobody reads a reply");
  const questions = questionsOf(subject.entries);
  const text = String(parts.checking.redact(said.reply).value);
  // A client sends a call whose answer was lost again.
  const last = questions.findLast(
    ({ number, reply: given }) => given !== undefined && (said.question ?? number) === number,
  );
  if (last?.reply === text) return;
  const open = unanswered(questions);
  const wanted = said.question === undefined ? open[0] : open.find(({ number }) => number === said.question);
  if (wanted === undefined) {
    const because =
      open.length === 0
        ? "no question about it is open"
        : `question ${said.question} is not open; open is ${open.map(({ number }) => number).join(", ")}`;
    throw new Problem("conflict", because, { help: "each question takes one reply" });
  }
  await advance(
    parts,
    track,
    [{ kind: "replied", to: "held", payload: { replied: { number: wanted.number, reply: text } } }],
    {
      within: async (tx) => {
        const row = await lockOpen(tx, id);
        if (row?.state !== "held") throw new Problem("conflict", "it is not held any more, so nobody reads a reply");
        if (row.frozen_by !== null) throw new Problem("conflict", "it is frozen by a stop");
        await noteStep(tx, id, track.step);
      },
    },
  );
}
