import type { ActionView, Json } from "@countersign/contract";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import type { Submission, SubmitOptions } from "./submission.ts";

/** The hall: the only way from a caller to an effect. */
export interface Hall {
  /** Decides, checks, asks, executes once. Resolves with a terminal view, or with `held` once `waitMs` has passed. */
  submit(caller: Caller, submission: Submission, options?: SubmitOptions): Promise<Submitted>;
  /** What this caller may know of the action; `not_found` where it may not know that it exists. */
  get(caller: Caller | PersonCaller, actionId: string): Promise<ActionView>;
  /** Waits until the action is terminal, at most `waitMs`. */
  wait(caller: Caller | PersonCaller, actionId: string, waitMs: number, signal?: AbortSignal): Promise<ActionView>;
  /** `unsent`: only where it was not sent; what runs is left to end. */
  cancel(caller: Caller | PersonCaller, actionId: string, reason: string, only?: "unsent"): Promise<ActionView>;
  /** `as`: the id that the undo takes; where it is open already, it has its own. `within`: as `SubmitOptions` has it. */
  reverse(
    caller: Caller | PersonCaller,
    actionId: string,
    reason: string,
    as?: string,
    within?: SubmitOptions["within"],
  ): Promise<Submitted>;
  /** The agent answers what its held action was asked back: the question that it names, or the oldest open one. */
  reply(
    caller: Caller,
    actionId: string,
    said: { readonly reply: string; readonly question?: number },
  ): Promise<ActionView>;
  /** Tells which answer reached its caller, as it was told; until a final one has, an identical call attaches to this action. */
  delivered(told: Pick<ActionView, "id" | "state">): void;
  /** Marks a run by what a server's list brings: `method` is the tool that reads what it names, `mcp:resources/read`. */
  listed(caller: Caller, run: string, server: string, method: string): Promise<void>;
  /** Fails where nothing could be done in this run: for a client that was set up with one, before its first call. */
  requireRun(caller: Caller, run: string): Promise<void>;
  /** Whether this agent could ever be allowed this tool: filters `tools/list`. Pure, in memory. */
  mayEver(caller: Caller, server: string, tool: string): boolean;
}

export interface Submitted {
  readonly view: ActionView;
  /** The upstream's own answer to relay: a JSON-RPC result, or its error. Absent unless it ran. Redacted already. */
  readonly answer?: { readonly result: Json } | { readonly error: Json };
}
