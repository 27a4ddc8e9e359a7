import type { ActionView } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { readSubject } from "../ledger/read.ts";
import { claimNames } from "./call.ts";
import { cancel } from "./cancel.ts";
import { dueOpen, thawOpen } from "./due-sql.ts";
import { get, loadFor } from "./get.ts";
import type { Hall } from "./hall.ts";
import { lookAgain, type Moved } from "./look-again.ts";
import { noteListed } from "./note-listed.ts";
import { listOpenActions, type OpenAction, openAction } from "./open.ts";
import { requireOwnRun } from "./own-run.ts";
import type { Parts } from "./parts.ts";
import { hearCancel } from "./pass-cancel.ts";
import { isAskedSince } from "./questions.ts";
import { reconcileAll, settleByPerson } from "./reconcile.ts";
import { recover } from "./recover.ts";
import { releaser } from "./release.ts";
import { reply } from "./reply.ts";
import { resume, trackOf } from "./resume.ts";
import { reverse } from "./reverse.ts";
import { submit } from "./submit.ts";

export interface OpenHall extends Hall {
  /** Takes a held action up now: somebody answered, or a stop was lifted. */
  nudge(action: string): void;
  /** Reads the target of a held action again, and asks anew where it changed; says what did. */
  lookAgain(action: string, how?: { readonly isAnswer?: boolean }): Promise<Moved | undefined>;
  /** What waits for an answer, as an approver is told; undefined where it does not. */
  open(action: string): Promise<OpenAction | undefined>;
  listOpen(
    states: readonly ("held" | "ready" | "running" | "unknown")[],
    limit: number,
  ): Promise<readonly OpenAction[]>;
  /** A person says what became of an unknown. */
  settleUnknown(person: PersonCaller, action: string, happened: boolean, evidence: string): Promise<void>;
  /** One round of the housekeeping that every replica does: due actions, dead replicas, unknowns. */
  sweep(): Promise<void>;
  /** Stops the housekeeping and waits for what this replica has in flight. */
  drain(timeoutMs: number): Promise<void>;
}

const sweepEveryMs = 1000;

/** Opens the hall: the doors call it, and it keeps itself. */
export function openHall(parts: Parts): OpenHall {
  const busy = new Set<Promise<void>>();
  let draining = false;
  const track = (work: Promise<void>): Promise<void> => {
    busy.add(work);
    return work.finally(() => busy.delete(work));
  };
  const nudge = (id: string): void =>
    void track(
      resume(parts, id).catch((cause: unknown) =>
        parts.log.error({ action: id, cause: String(cause) }, "a nudge failed"),
      ),
    );
  const sweep = async (): Promise<void> => {
    await recover(parts);
    await thawOpen(parts.db);
    await Promise.all((await dueOpen(parts.db, 100)).map((id) => resume(parts, id)));
    await reconcileAll(parts);
  };
  // A held action that runs for minutes, or an upstream that hangs, keeps nobody from taking over what is dead.
  const rounds = [
    () => recover(parts),
    async () => {
      await thawOpen(parts.db);
      (await dueOpen(parts.db, 100)).forEach(nudge);
    },
    () => reconcileAll(parts),
  ].map((work) => alone(parts, work));
  const timer = setInterval(() => {
    for (const round of rounds) void track(round());
  }, sweepEveryMs);
  timer.unref();
  parts.plane.onCancel?.((payload) => hearCancel(parts, payload));

  return {
    submit(caller, submission, options = {}) {
      if (draining)
        return Promise.reject(
          new Problem("unavailable", "this server is going down", { help: "try again; another replica answers" }),
        );
      return submit(parts, caller, submission, options);
    },
    get: (caller, id) => get(parts, caller, id),
    async wait(caller, id, waitMs, signal) {
      const until = parts.clock.tick() + waitMs;
      let before: ActionView | undefined;
      for (;;) {
        const { view } = await loadFor(parts, caller, id);
        before ??= view;
        if (isAskedSince(before, view)) return view;
        const left = until - parts.clock.tick();
        if (!["held", "ready", "running"].includes(view.state) || left <= 0 || signal?.aborted === true) return view;
        await parts.watch.next(id, Math.min(left, 1000), signal);
      }
    },
    cancel: (caller, id, reason, only) => cancel(parts, caller, id, reason, only),
    reverse: (caller, id, reason, as, within) => reverse(parts, caller, id, reason, as, within),
    reply: (caller, id, said) => reply(parts, caller, id, said),
    delivered({ id, state }) {
      // What was told counts, and not what it became since: whoever knows of no end may well ask for the same again.
      if (isUndecided(state)) return;
      void release(parts, id).catch((cause: unknown) =>
        parts.log.warn({ action: id, cause: String(cause) }, "a claim could not be given back"),
      );
    },
    listed: (caller, run, server, method) => noteListed(parts, caller, run, server, method),
    requireRun: (caller, run) => requireOwnRun(parts, caller, run),
    mayEver(caller, server, tool) {
      const plane = parts.plane.current();
      const known = plane.tool(server, tool);
      return known !== undefined && plane.mayEver(caller.agent, caller.workflow, known);
    },
    nudge,
    lookAgain: (id, how) => (draining ? Promise.resolve(undefined) : lookAgain(parts, id, how)),
    open: (id) => openAction(parts, id),
    listOpen: (states, limit) => listOpenActions(parts, states, limit),
    settleUnknown: (person, id, happened, evidence) => settleByPerson(parts, person, id, happened, evidence),
    sweep,
    async drain(timeoutMs) {
      draining = true;
      clearInterval(timer);
      const until = parts.clock.tick() + timeoutMs;
      while ((busy.size > 0 || parts.inFlight.size > 0) && parts.clock.tick() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (const flight of parts.inFlight.values()) flight.abort.abort("the server is going down");
      while (parts.inFlight.size > 0 && parts.clock.tick() < until + 2000)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await releaser(parts).flush();
    },
  };
}

/** One round at a time; one that fails is tried again with the next. */
function alone(parts: Parts, work: () => Promise<unknown>): () => Promise<void> {
  let isBusy = false;
  return async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await work();
    } catch (cause) {
      parts.log.warn({ cause: String(cause) }, "housekeeping failed; it is tried again");
    } finally {
      isBusy = false;
    }
  };
}

function isUndecided(state: string): boolean {
  return ["received", "held", "ready", "running", "unknown"].includes(state);
}

/** Once the answer of a finished action reached its caller, an identical call is a new action again. */
async function release(parts: Parts, id: string): Promise<void> {
  const known = parts.delivering.get(id);
  if (known !== undefined) {
    parts.delivering.delete(id);
    if (known !== "") releaser(parts).release(known, id);
    return;
  }
  const subject = await readSubject(parts.db, id, parts.wrap);
  const last = subject.entries.at(-1)?.entry.to_state;
  if (last === null || last === undefined || isUndecided(last)) return;
  const action = trackOf(parts.plane.current(), subject);
  const name = action === undefined ? undefined : claimNames(action.call).identical;
  if (name !== undefined) releaser(parts).release(name, id);
}
