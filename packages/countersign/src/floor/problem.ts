import { type ProblemBody, type ProblemCode, problems } from "@countersign/contract";

/** The one error class. `detail` and `help` are safe for an agent to read; `cause` goes to the log only. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly help: string | undefined;
  /** Where in the input, as a JSON pointer or `file:line:column`. */
  readonly at: string | undefined;

  constructor(code: ProblemCode, detail: string, more: { help?: string; at?: string; cause?: unknown } = {}) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "Problem";
    this.code = code;
    this.detail = detail;
    this.help = more.help;
    this.at = more.at;
  }
}

export function problemBody(problem: Problem): ProblemBody {
  const row = problems[problem.code];
  return {
    type: `https://countersign.dev/problems/${problem.code}`,
    title: row.title,
    status: row.status,
    code: problem.code,
    detail: problem.detail,
    ...(problem.help === undefined ? {} : { help: problem.help }),
    ...(problem.at === undefined ? {} : { at: problem.at }),
  };
}

/** What was thrown, as a Problem: anything unforeseen is a `bug` whose cause stays in the log. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem("bug", "something failed inside countersign; nothing more was done", {
    help: "the server's log has the cause",
    cause: thrown,
  });
}
