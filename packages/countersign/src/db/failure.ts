import { DatabaseError } from "pg";
import { Problem } from "../floor/problem.ts";

/** What a statement's failure may carry on: no value of a row, no address, no role. */
export class StatementFailure extends Error {
  readonly sqlState: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(sqlState: string, message: string, constraint?: string, table?: string) {
    super(message);
    this.name = "StatementFailure";
    this.sqlState = sqlState;
    this.constraint = constraint;
    this.table = table;
  }
}

/** The five characters that say why a statement failed; `undefined` where no statement did. */
export function sqlStateOf(thrown: unknown): string | undefined {
  return failureOf(thrown)?.sqlState;
}

/** Whether a row was there already: by any unique constraint, or by the one that is named. */
export function isUniqueViolation(thrown: unknown, constraint?: string): boolean {
  const failure = failureOf(thrown);
  return failure?.sqlState === "23505" && (constraint === undefined || failure.constraint === constraint);
}

/** Whether the same transaction may simply be tried again. */
export function isRetryable(thrown: unknown): boolean {
  const state = sqlStateOf(thrown);
  return state === "40001" || state === "40P01";
}

/**
 * Whether a statement gave up waiting for a lock, or for its time, while the database goes on: it certainly did nothing,
 * its connection lives, and its transaction does once it is back at a savepoint.
 */
export function isWaitOver(thrown: unknown): boolean {
  const state = sqlStateOf(thrown);
  return state === "55P03" || state === "57014";
}

function failureOf(thrown: unknown): StatementFailure | undefined {
  const cause = thrown instanceof Problem ? thrown.cause : thrown;
  return cause instanceof StatementFailure ? cause : undefined;
}

// Messages of these classes speak of our statements and roles; those of others (22 data, 23 integrity) quote values.
const speakingClasses = new Set(["0A", "25", "26", "28", "3D", "3F", "42", "53", "54", "55", "57", "58", "XX"]);

/** Anything that the driver throws, as a Problem without details of the engine. */
export function asDbProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (!(thrown instanceof DatabaseError) || thrown.code === undefined) return withoutAnswer(thrown);
  const state = thrown.code;
  const message = speakingClasses.has(state.slice(0, 2)) ? `${state} ${thrown.message}` : `sqlstate ${state}`;
  const cause = new StatementFailure(state, message, thrown.constraint, thrown.table);
  if (state === "53100")
    return new Problem("unavailable", "the database's disk is full", {
      help: "free some space; nothing was lost",
      cause,
    });
  if (state === "22021" || state === "22P05")
    return new Problem("invalid", "a text holds a character that cannot be stored", {
      help: "leave out NUL characters and broken unicode",
      cause,
    });
  if (state === "54000") return new Problem("too_large", "a value is larger than the database can hold", { cause });
  if (state === "23505") return new Problem("conflict", "that exists already", { cause });
  if (state.startsWith("28") || state === "3D000")
    return new Problem("unavailable", "the database does not let countersign in", {
      help: "check the address, the role and its password",
      cause,
    });
  if (/^(08|53|57|58|40|55)/.test(state))
    return new Problem("unavailable", "the database cannot answer now", { help: "try again", cause });
  return new Problem("bug", "a statement failed in the database", { help: "the server's log has the cause", cause });
}

/** What fails without an answer of the server: the connection, or a statement that the driver would not send. */
function withoutAnswer(thrown: unknown): Problem {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
  const message = thrown instanceof Error ? thrown.message : "unknown";
  if (code === undefined && !/connection|connect|terminated|closed|timeout|pool/i.test(message))
    return new Problem("bug", "a statement could not be sent to the database", {
      help: "the server's log has the cause",
      cause: thrown,
    });
  return new Problem("unavailable", "the database cannot be reached", {
    help: "try again; the server's log has the cause",
    // The driver's message names the address.
    cause: new Error(code ?? message),
  });
}
