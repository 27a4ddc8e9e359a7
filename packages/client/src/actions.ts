import type { Action, ActionLine, Advice, AskBody, ReplyBody, Run, RunBody, SubmitBody } from "./body.ts";
import { walk } from "./pages.ts";
import type { Wire } from "./wire.ts";

export interface SubmitOptions {
  /** One's own name for this deed: the same key never does it twice. Made up where it is missing. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface ActionFilter {
  readonly workflow?: string;
  readonly agent?: string;
  readonly run?: string;
  readonly limit?: number;
}

const id = encodeURIComponent;

/** What agents do. */
export function actionsOf(wire: Wire) {
  const page = (filter: ActionFilter, cursor?: string) =>
    wire.json<{ readonly actions: readonly ActionLine[]; readonly next?: string }>({
      method: "GET",
      path: "/v1/actions",
      query: { ...filter, cursor },
    });
  return {
    /** Asks for one action. Resolves when it ended, or with `held` once `waitMs` has passed; a refusal is an answer. */
    submit: (body: SubmitBody, options: SubmitOptions = {}): Promise<Action> =>
      wire.json({
        method: "POST",
        path: "/v1/actions",
        body,
        idempotencyKey: options.idempotencyKey ?? crypto.randomUUID(),
        waitMs: (body.waitMs ?? 0) + 90_000,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    get: (action: string, waitMs = 0): Promise<Action> =>
      wire.json({ method: "GET", path: `/v1/actions/${id(action)}`, query: { waitMs: waitMs || undefined }, waitMs }),
    /** Waits for its end, however long people take. */
    async end(action: string, signal?: AbortSignal): Promise<Action> {
      for (;;) {
        signal?.throwIfAborted();
        const view = await this.get(action, 30_000);
        if (!["held", "ready", "running", "received"].includes(view.state)) return view;
      }
    },
    page,
    list: (filter: ActionFilter = {}): AsyncGenerator<ActionLine> =>
      walk(
        (cursor) => page(filter, cursor),
        (found) => found.actions,
      ),
    cancel: (action: string, reason: string): Promise<Action> =>
      wire.json({ method: "POST", path: `/v1/actions/${id(action)}/cancel`, body: { reason } }),
    /** Answers what approvers asked back about a held action: a claim. */
    reply: (action: string, body: ReplyBody): Promise<Action> =>
      wire.json({ method: "POST", path: `/v1/actions/${id(action)}/reply`, body }),
    /** Undoes it by the plan captured before it ran; the undo is an action of its own. */
    reverse: (action: string, reason: string): Promise<Action> =>
      wire.json({ method: "POST", path: `/v1/actions/${id(action)}/reverse`, body: { reason }, waitMs: 90_000 }),
    /** What would be decided now; nothing is done. */
    ask: (body: AskBody): Promise<Advice> => wire.json({ method: "POST", path: "/v1/decisions", body }),
    openRun: (body: RunBody): Promise<Run> => wire.json({ method: "POST", path: "/v1/runs", body }),
  };
}
