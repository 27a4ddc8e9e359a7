import { type ProblemBody, type ProblemCode, problems } from "@countersign/contract";

export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly severity: string;
  readonly expected?: string;
  readonly help?: string;
  readonly nearest?: string;
}

interface More {
  readonly help?: string;
  readonly at?: string;
  readonly cause?: unknown;
  readonly faults?: readonly Fault[];
  readonly isUncertain?: boolean;
}

const lookFirst = "it is not known whether this arrived: look before you do it again";

/** What the server could not process, or why it could not be asked. A refusal is a result and never one of these. */
export class CountersignProblem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly help: string | undefined;
  /** Where in the request, as a JSON pointer. */
  readonly at: string | undefined;
  /** Every fault of workspace files that were not taken. */
  readonly faults: readonly Fault[] | undefined;
  /** What was asked could have changed something, and nobody knows whether it did. */
  readonly isUncertain: boolean;

  constructor(code: ProblemCode, detail: string, more: More = {}) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "CountersignProblem";
    this.code = code;
    this.status = problems[code].status;
    this.detail = detail;
    this.isUncertain = more.isUncertain === true;
    this.help = more.help ?? (this.isUncertain ? lookFirst : undefined);
    this.at = more.at;
    this.faults = more.faults;
  }

  /** As the server writes it (RFC 9457). */
  body(): ProblemBody & { readonly faults?: readonly Fault[] } {
    return {
      type: `https://countersign.dev/problems/${this.code}`,
      title: problems[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      ...(this.help === undefined ? {} : { help: this.help }),
      ...(this.at === undefined ? {} : { at: this.at }),
      ...(this.faults === undefined ? {} : { faults: this.faults }),
    };
  }
}

/**
 * An error answer as a problem. An answer that is not of this server's form is told by its status alone. A server, or what
 * stands before it, that failed over something that `mayChange` may have done it all the same.
 */
export function problemOf(
  status: number,
  body: unknown,
  { mayChange = false }: { readonly mayChange?: boolean } = {},
): CountersignProblem {
  const isUncertain = mayChange && status >= 500;
  if (isObject(body) && typeof body.code === "string" && Object.hasOwn(problems, body.code)) {
    const detail = typeof body.detail === "string" ? body.detail : problems[body.code as ProblemCode].title;
    return new CountersignProblem(body.code as ProblemCode, detail, {
      isUncertain,
      ...(typeof body.help === "string" ? { help: body.help } : {}),
      ...(typeof body.at === "string" ? { at: body.at } : {}),
      ...(Array.isArray(body.faults) ? { faults: body.faults.filter(isFault) } : {}),
    });
  }
  const known = Object.entries(problems).find(([, row]) => row.status === status);
  const code = (known?.[0] ?? (status >= 500 ? "unavailable" : "invalid")) as ProblemCode;
  return new CountersignProblem(code, `the server answered with status ${status}`, {
    isUncertain,
    ...(isUncertain ? {} : { help: "is there something else than countersign at this address?" }),
  });
}

function isFault(value: unknown): value is Fault {
  return isObject(value) && typeof value.file === "string" && typeof value.message === "string";
}

export function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
