import type { ActionView, Json } from "@countersign/contract";
import type { Hall, Submitted } from "../../packages/countersign/src/action/hall.ts";
import type { Submission, SubmitOptions } from "../../packages/countersign/src/action/submission.ts";
import type { Answer, Connector } from "../../packages/countersign/src/execution/connector.ts";
import { newId } from "../../packages/countersign/src/floor/id.ts";
import { Problem } from "../../packages/countersign/src/floor/problem.ts";
import type { Caller } from "../../packages/countersign/src/identity/caller.ts";

/** How the double treats a tool; what is not named is allowed. */
export type Treatment = "allow" | "refuse" | "hold";

/** TEST DOUBLE of the hall: decides by tool name, keeps nothing durable, leaves no receipt. Never a part of the product. */
export interface HallDouble extends Hall {
  readonly submissions: readonly { readonly submission: Submission; readonly options: SubmitOptions }[];
  readonly deliveredIds: readonly string[];
  /** The next submission of this tool, in the moment in which it comes. */
  next(tool: string): Promise<void>;
  /** What the door told of lists: run, server and the tool that reads what they name. */
  readonly lists: readonly string[];
  /** Lets a held action run, as an approval would. */
  approve(actionId: string): Promise<void>;
}

interface Kept {
  readonly caller: Caller;
  readonly submission: Submission;
  view: ActionView;
  answer: Submitted["answer"];
}

export function createHallDouble(
  connector: Connector,
  treat: (server: string, tool: string) => Treatment = () => "allow",
): HallDouble {
  const kept = new Map<string, Kept>();
  const submissions: { submission: Submission; options: SubmitOptions }[] = [];
  const deliveredIds: string[] = [];
  const wanted = new Map<string, () => void>();
  const lists: string[] = [];

  const run = async (id: string, options: SubmitOptions): Promise<Submitted> => {
    const action = find(id);
    const { submission, caller } = action;
    const answer = await connector.call({
      actionId: id,
      server: submission.server,
      method: submission.method,
      params: submission.params,
      deadlineMs: options.deadlineMs ?? 60_000,
      signal: options.signal ?? new AbortController().signal,
      workflow: caller.workflow,
      ...(options.session === undefined ? {} : { session: options.session }),
      ...(options.relay === undefined ? {} : { relay: options.relay }),
    });
    settle(action, answer);
    return action.answer === undefined ? { view: action.view } : { view: action.view, answer: action.answer };
  };
  const find = (id: string): Kept => {
    const action = kept.get(id);
    if (action === undefined) throw new Problem("not_found", `there is no action \`${id}\` here`);
    return action;
  };
  const own = (caller: { readonly agent?: string }, id: string): Kept => {
    const action = find(id);
    if (action.caller.agent !== caller.agent) throw new Problem("not_found", `there is no action \`${id}\` here`);
    return action;
  };

  return {
    submissions,
    deliveredIds,
    lists,
    next: (tool) => new Promise((resolve) => wanted.set(tool, resolve)),
    async submit(caller, submission, options = {}) {
      submissions.push({ submission, options });
      wanted.get(submission.tool)?.();
      const view = viewOf(caller, submission);
      const treatment = treat(submission.server, submission.tool);
      kept.set(view.id, { caller, submission, view, answer: undefined });
      if (treatment === "allow") return run(view.id, options);
      const action = find(view.id);
      if (treatment === "refuse") {
        action.view = { ...view, state: "refused", refusal: "policy", sentence: "this tool is not allowed here" };
        return { view: action.view };
      }
      action.view = { ...view, state: "held", sentence: "it waits for an approval of `leads`", requirements: [need] };
      options.onHeld?.(view.id);
      return { view: await waitFor(action, options.waitMs ?? 0, options.signal) };
    },
    async get(caller, id) {
      return own(caller as { agent?: string }, id).view;
    },
    wait: (caller, id, waitMs, signal) => waitFor(own(caller as { agent?: string }, id), waitMs, signal),
    async cancel(caller, id) {
      const action = own(caller as { agent?: string }, id);
      if (action.view.state === "held")
        action.view = { ...action.view, state: "refused", refusal: "cancelled", sentence: "it was cancelled" };
      return action.view;
    },
    async reply() {
      throw new Problem("conflict", "the double asks nothing back");
    },
    async reverse() {
      throw new Problem("invalid", "the double reverses nothing");
    },
    delivered: ({ id }) => void deliveredIds.push(id),
    listed: async (_caller, run, server, method) => void lists.push(`${run} ${server}.${method}`),
    requireRun: async () => undefined,
    mayEver: (_caller, server, tool) => treat(server, tool) !== "refuse",
    async approve(id) {
      await run(id, {});
    },
  };
}

const need = {
  kind: "approval",
  policy: "double",
  policyDigest: "sha256:0",
  from: "leads",
  count: 1,
  exclude: [],
  openMs: 60_000,
  validMs: 60_000,
  sentence: "one of `leads` must approve it",
} as const;

async function waitFor(action: Kept, waitMs: number, signal?: AbortSignal): Promise<ActionView> {
  const until = performance.now() + waitMs;
  while (action.view.state === "held" && performance.now() < until && signal?.aborted !== true) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return action.view;
}

function settle(action: Kept, answer: Answer): void {
  const { view } = action;
  if (answer.kind === "answered") {
    action.answer = { result: answer.result };
    action.view = {
      ...view,
      state: "done",
      sentence: "it ran",
      result: answer.result,
      isError: answer.result.isError === true,
    };
  } else if (answer.kind === "error") {
    const error: Json = {
      code: answer.error.code,
      message: answer.error.message,
      ...(answer.error.data === undefined ? {} : { data: answer.error.data }),
    };
    action.answer = { error };
    action.view = {
      ...view,
      state: "done",
      sentence: "the upstream answered with an error",
      result: error,
      isError: true,
    };
  } else {
    action.view = { ...view, state: answer.kind === "lost" ? "unknown" : "failed", sentence: answer.reason };
  }
}

function viewOf(caller: Caller, submission: Submission): ActionView {
  const id = newId("act");
  return {
    id,
    state: "received",
    agent: caller.agent,
    workflow: caller.workflow,
    run: "run_double",
    server: submission.server,
    tool: submission.tool,
    verb: "execute",
    target: submission.tool,
    environment: "test",
    argsDigest: "sha256:0",
    callDigest: "sha256:0",
    at: new Date().toISOString(),
    sentence: "",
    requirements: [],
    receipt: `/receipts/${id}`,
  };
}
