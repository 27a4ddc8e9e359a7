import type {
  Action,
  ActionConditions,
  ActionLine,
  ActionPage,
  Advice,
  AskBody,
  ClosedRun,
  ReplyBody,
  Reversal,
  ReversalPreview,
  ReverseRunBody,
  Run,
  RunBody,
  RunLine,
  RunTimeline,
  RunView,
  SubmitBody,
} from "./body.ts";
import { walk } from "./pages.ts";
import type { Wire } from "./wire.ts";

export interface SubmitOptions {
  /** One's own name for this deed: the same key never does it twice. Made up where it is missing. */
  readonly idempotencyKey?: string;
  /** How long one is willing to wait. It ends the wait only: a call that was sent goes on. */
  readonly signal?: AbortSignal;
}

export interface ActionFilter {
  readonly workflow?: string;
  readonly agent?: string;
  readonly run?: string;
  /** As `server.tool`. */
  readonly tool?: string;
  readonly state?: Action["state"];
  /** What people were told of how much depends on it. */
  readonly risk?: "low" | "medium" | "high";
  /** What it acted on, or whole words of that. */
  readonly target?: string;
  /** Asked for from this moment on, as RFC 3339 writes it, or from this day in UTC on. */
  readonly since?: string;
  /** Asked for before this moment, or on this day in UTC at the latest. */
  readonly until?: string;
  readonly limit?: number;
}

export interface RunFilter {
  readonly workflow?: string;
  readonly agent?: string;
  /** Acted from this moment or day on. */
  readonly since?: string;
  /** Acted before this moment, or on this day at the latest. */
  readonly until?: string;
}

export interface ReversalScope {
  /** Also the runs that were opened under it. */
  readonly children?: boolean;
  /** Actions that are to stay. */
  readonly leave?: readonly string[];
  readonly limit?: number;
}

const id = encodeURIComponent;
const waitMs = 30_000;
/** A server that goes down answers at once. */
const pauseMs = 500;
const onItsWay = ["received", "ready", "running"] as const satisfies readonly Action["state"][];

/** What agents do. */
export function actionsOf(wire: Wire) {
  const page = (filter: ActionFilter, cursor?: string) =>
    wire.json<ActionPage>({
      method: "GET",
      path: "/v1/actions",
      query: { ...filter, cursor },
    });
  const look = (action: string, waitMs: number, signal?: AbortSignal): Promise<Action> =>
    wire.json({
      method: "GET",
      path: `/v1/actions/${id(action)}`,
      query: { waitMs: waitMs || undefined },
      waitMs,
      ...(signal === undefined ? {} : { signal }),
    });
  /** Asks again while it is in one of these states. */
  const follow = async (view: Action, open: readonly Action["state"][], signal?: AbortSignal): Promise<Action> => {
    let now = view;
    while (open.includes(now.state)) {
      const from = performance.now();
      now = await look(view.id, waitMs, signal);
      const early = pauseMs - (performance.now() - from);
      if (early > 0 && open.includes(now.state)) await new Promise((resolve) => setTimeout(resolve, early));
      signal?.throwIfAborted();
    }
    return now;
  };
  return {
    /**
     * Asks for one action. Resolves when it ended, or with `held` once `waitMs` has passed; a refusal is an answer.
     * Where a connection breaks off or a call takes long, it asks again for the same action until it ended.
     */
    async submit(body: SubmitBody, options: SubmitOptions = {}): Promise<Action> {
      const { signal } = options;
      const view = await wire.json<Action>({
        method: "POST",
        path: "/v1/actions",
        body,
        idempotencyKey: options.idempotencyKey ?? crypto.randomUUID(),
        waitMs: (body.waitMs ?? 0) + 90_000,
        ...(signal === undefined ? {} : { signal }),
      });
      return follow(view, onItsWay, signal);
    },
    get: (action: string, waitMs = 0): Promise<Action> => look(action, waitMs),
    /** Waits for its end, however long people take. */
    end: async (action: string, signal?: AbortSignal): Promise<Action> => {
      signal?.throwIfAborted();
      return follow(await look(action, waitMs, signal), ["held", ...onItsWay], signal);
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
    /** Undoes it by the plan captured before it ran; the undo is an action of its own. Resolves when that ended, or with `held`. */
    async reverse(action: string, reason: string): Promise<Action> {
      const path = `/v1/actions/${id(action)}/reverse`;
      return follow(await wire.json<Action>({ method: "POST", path, body: { reason }, waitMs: 90_000 }), onItsWay);
    },
    /** What would be decided now; nothing is done. */
    ask: (body: AskBody): Promise<Advice> => wire.json({ method: "POST", path: "/v1/decisions", body }),
    /** Runs, the one that acted last first. */
    runs: (
      filter: RunFilter = {},
      cursor?: string,
    ): Promise<{ readonly runs: readonly RunLine[]; readonly next?: string }> =>
      wire.json({ method: "GET", path: "/v1/runs", query: { ...filter, cursor } }),
    run: (run: string): Promise<RunView> => wire.json({ method: "GET", path: `/v1/runs/${id(run)}` }),
    /** What happened in a run, newest first. */
    ofRun: (run: string, cursor?: string, limit?: number): Promise<ActionPage> =>
      wire.json({ method: "GET", path: `/v1/runs/${id(run)}/actions`, query: { cursor, limit } }),
    /** The same with the moments of each; no argument and no result. */
    timeline: (run: string, cursor?: string, limit?: number): Promise<RunTimeline> =>
      wire.json({ method: "GET", path: `/v1/runs/${id(run)}/timeline`, query: { cursor, limit } }),
    /** Which conditions of which policies held when it was decided last. */
    conditions: (action: string): Promise<ActionConditions> =>
      wire.json({ method: "GET", path: `/v1/actions/${id(action)}/conditions` }),
    /** What the reversal of a run would do and what it would need, a page of it; nothing is done. */
    previewReversal: (
      run: string,
      { leave, ...scope }: ReversalScope = {},
      cursor?: string,
    ): Promise<ReversalPreview> =>
      wire.json({
        method: "GET",
        path: `/v1/runs/${id(run)}/reverse`,
        query: {
          cursor,
          limit: scope.limit,
          children: scope.children === true ? "true" : undefined,
          leave: leave === undefined || leave.length === 0 ? undefined : leave.join(","),
        },
        waitMs: 60_000,
      }),
    /** Undoes what a run did, what came last first. The server goes on by itself; asked again it is the same reversal. */
    reverseRun: (run: string, body: ReverseRunBody): Promise<Reversal> =>
      wire.json({ method: "POST", path: `/v1/runs/${id(run)}/reverse`, body, waitMs: 60_000 }),
    /** How far the newest reversal of a run is, with a page of its steps. */
    reversal: (run: string, cursor?: string): Promise<Reversal> =>
      wire.json({ method: "GET", path: `/v1/runs/${id(run)}/reversal`, query: { cursor, limit: 200 } }),
    /** Says that it shall not go on: what is not undone stays. What was sent is left to end; said again it is the same. */
    giveUpReversal: (run: string, reason: string): Promise<Reversal> =>
      wire.json({ method: "POST", path: `/v1/runs/${id(run)}/reversal/give-up`, body: { reason }, waitMs: 60_000 }),
    closeRun: (run: string): Promise<ClosedRun> => wire.json({ method: "POST", path: `/v1/runs/${id(run)}/close` }),
    openRun: (body: RunBody): Promise<Run> => wire.json({ method: "POST", path: "/v1/runs", body }),
  };
}
