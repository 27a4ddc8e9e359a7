/** The closed table of errors: we could not process. A refusal is a result and is not in it. */
export const problems = {
  invalid: { status: 400, rpc: -32602, exit: 2, title: "the request is not valid" },
  not_authenticated: { status: 401, rpc: null, exit: 4, title: "who is calling is not known" },
  forbidden: { status: 403, rpc: null, exit: 4, title: "the caller may not do this" },
  not_found: { status: 404, rpc: -32602, exit: 5, title: "there is no such thing here" },
  conflict: { status: 409, rpc: null, exit: 6, title: "it collides with something that is already there" },
  too_large: { status: 413, rpc: null, exit: 7, title: "it is larger than the limit" },
  too_many: { status: 429, rpc: null, exit: 7, title: "too many at once" },
  unavailable: { status: 503, rpc: -32603, exit: 75, title: "a part that must answer cannot answer now" },
  bug: { status: 500, rpc: -32603, exit: 70, title: "a fault in countersign" },
} as const satisfies Record<string, { status: number; rpc: number | null; exit: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** Exit codes that are not problems. */
export const exits = { ok: 0, doesNotHold: 1, refused: 3, notEnough: 9 } as const;

/** The body of an error answer (RFC 9457). `detail` is safe for an agent to read. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly help?: string;
  readonly at?: string;
}
