import type { ActionView } from "@countersign/contract";
import { type AnswerRow, answersOf } from "../action/answer-sql.ts";
import { voidNow } from "../action/index.ts";
import { answeredCanaries, type CanaryRow } from "../approvals/canary-sql.ts";
import { compareMoments } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { metSentence, openSeeded } from "./meet-canary.ts";

/** Something that a person answered, and how it ended or stands. */
export interface AnswerLine {
  readonly action: string;
  readonly at: string;
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly dwellMs: number | null;
  readonly policies: readonly string[];
  readonly agent: string;
  readonly workflow: string;
  readonly server: string;
  readonly tool: string;
  readonly target: string;
  readonly environment: string;
  readonly risk?: string;
  readonly state: ActionView["state"];
  readonly refusal?: string;
  readonly sentence: string;
  readonly isError?: boolean;
  readonly reversedBy?: string;
  readonly skimmed?: true;
  /** It is an approval that no longer counts: why, and what to do. */
  readonly voided?: string;
  readonly receipt?: string;
  readonly canary?: { readonly caught: boolean; readonly sentence: string };
}

interface Place {
  readonly at: string;
  readonly action: string;
}

/** What a person answered, newest first, with what became of it: whoever approves is told the outcome. */
export async function listAnswers(
  control: Control,
  person: PersonCaller,
  { cursor, action, limit }: { readonly cursor?: string; readonly action?: string; readonly limit: number },
): Promise<{ readonly answers: readonly AnswerLine[]; readonly next?: string }> {
  const wanted = {
    ...(cursor === undefined ? {} : { before: readCursor(cursor) }),
    ...(action === undefined ? {} : { action }),
  };
  const { parts } = control;
  const { db } = parts;
  const [rows, seeded] = await Promise.all([
    answersOf(db, person.email, wanted, limit + 1),
    answeredCanaries(db, person.email, wanted, limit + 1),
  ]);
  const ids = rows.map((row) => row.action);
  const voided = new Map((await voidNow(parts, db, ids, person.email)).map((one) => [one.action, one.sentence]));
  const all = [
    ...rows.map((row) => ({
      at: row.at,
      action: row.action,
      line: () => lineOf(control, person, row, voided.get(row.action)),
    })),
    ...seeded.map((row) => ({
      at: row.answered_at ?? "",
      action: row.id,
      line: async (): Promise<AnswerLine> => seededLine(control, row),
    })),
  ].toSorted((one, other) => compareMoments(other.at, one.at) || (one.action < other.action ? 1 : -1));
  const page = all.slice(0, limit);
  const answers = await Promise.all(page.map(({ line }) => line()));
  const last = page.at(-1);
  return last === undefined || all.length <= limit ? { answers } : { answers, next: writeCursor(last) };
}

async function lineOf(
  control: Control,
  person: PersonCaller,
  row: AnswerRow,
  voided: string | undefined,
): Promise<AnswerLine> {
  const view = await control.hall.get(person, row.action);
  const { agent, workflow, server, tool, target, environment, state, sentence, refusal, isError, reversedBy } = view;
  return {
    action: row.action,
    at: row.at,
    verdict: row.verdict,
    reason: row.reason,
    dwellMs: row.dwell_ms,
    policies: row.policies,
    ...{ agent, workflow, server, tool, target, environment, state, sentence },
    ...(row.risk === null ? {} : { risk: row.risk }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(isError === undefined ? {} : { isError }),
    ...(reversedBy === undefined ? {} : { reversedBy }),
    ...(row.skimmed ? { skimmed: true } : {}),
    ...(voided === undefined || row.verdict !== "approve" ? {} : { voided }),
    receipt: view.receipt,
  };
}

function seededLine(control: Control, row: CanaryRow): AnswerLine {
  const { agent, workflow, server, tool, target, environment } = row;
  const caught = row.verdict === "deny";
  const seeded = openSeeded(control, row);
  const sentence = metSentence(caught, seeded?.bad ?? row.shape);
  return {
    action: row.id,
    at: row.answered_at ?? "",
    verdict: row.verdict ?? "deny",
    reason: row.reason ?? "",
    dwellMs: row.dwell_ms,
    policies: seeded?.open.requirements.map(({ policy }) => policy) ?? [],
    ...{ agent, workflow, server, tool, target, environment, sentence },
    state: "refused",
    refusal: "denied",
    canary: { caught, sentence },
  };
}

function writeCursor({ at, action }: Place): string {
  return Buffer.from(JSON.stringify([at, action])).toString("base64url");
}

function readCursor(cursor: string): Place {
  try {
    const [at, action] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown[];
    if (typeof at === "string" && /^\d{4,}-\d\d-\d\dT[\d:.]+Z$/.test(at) && typeof action === "string")
      return { at, action };
  } catch {
    // Whatever is wrong with it, it is no cursor.
  }
  throw new Problem("invalid", "`cursor` is not `next` of a page of answers", {
    help: "begin again without it",
    at: "/cursor",
  });
}
