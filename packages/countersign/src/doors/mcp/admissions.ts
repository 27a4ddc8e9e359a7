import type { ServerResponse } from "node:http";
import { Problem } from "../../floor/problem.ts";
import type { Admitted, Caller, Readmitted } from "../../identity/index.ts";
import type { McpSetting } from "./setting.ts";

/** An arrival that is being answered. */
export interface Stay extends Admitted {
  readonly who: Caller;
  readonly response: ServerResponse;
  /** One question is answered; false where whoever came only listens. */
  isBegun: boolean;
  /** Ends the answer where whoever came would not be let in any more. */
  end: () => void;
}

export interface Admissions {
  /** Keeps an eye on who came, until the answer has left or broken off. */
  keep(stay: Stay): void;
  close(): void;
}

const everyMs = 250;
/** What may be held back for one listener while it cannot be known who may hear it. */
const mostHeld = 1_048_576;

/**
 * Ends what is open for who would not be let in now: their key is revoked, their agent is gone or frozen. Answers are
 * often short, so nobody is told when it changes: all are asked again at once, which is a look into memory.
 * INVARIANT: where it cannot be known, whoever listens hears nothing, and none of it is lost.
 */
export function createAdmissions({ identifyAgain, log }: Pick<McpSetting, "identifyAgain" | "log">): Admissions {
  const open = new Set<Stay>();
  const held = new Set<Stay>();
  let isAsking = false;
  const leave = (stay: Stay): void => {
    open.delete(stay);
    held.delete(stay);
  };
  const shut = (stay: Stay): void => {
    const wasHeld = held.has(stay);
    leave(stay);
    log.info({ agent: stay.who.agent }, "an answer was ended: who asked would not be let in any more");
    // An end could let go what was held back.
    if (wasHeld) stay.response.destroy();
    else stay.end();
  };
  const hold = (stay: Stay): void => {
    // An answer is recorded before it is given, so it comes only where it is known again.
    if (stay.isBegun) return;
    if (stay.response.writableLength > mostHeld) stay.response.destroy();
    if (held.has(stay) || !stay.response.headersSent) return;
    held.add(stay);
    stay.response.cork();
  };
  const look = async (): Promise<void> => {
    const all = [...open];
    const found = await identifyAgain(all).catch((cause: unknown) => {
      if (!(cause instanceof Problem)) log.warn({ cause: String(cause) }, "it is not known who may still listen");
      return undefined;
    });
    for (const [place, stay] of all.entries()) {
      if (!open.has(stay)) continue;
      if (found === undefined) hold(stay);
      else if (!isStill(stay.who, found[place])) shut(stay);
      else if (held.delete(stay)) stay.response.uncork();
    }
  };
  const timer = setInterval(() => {
    if (isAsking || open.size === 0) return;
    isAsking = true;
    void look().finally(() => {
      isAsking = false;
    });
  }, everyMs).unref();
  return {
    keep(stay) {
      open.add(stay);
      stay.response.once("close", () => leave(stay));
    },
    close: () => clearInterval(timer),
  };
}

/** Whoever is another now, or works in another place, asks anew. */
function isStill(was: Caller, now: Readmitted | undefined): boolean {
  if (now?.who.kind !== "agent") return false;
  const { agent, workflow, onBehalfOf } = now.who;
  return agent === was.agent && workflow === was.workflow && onBehalfOf === was.onBehalfOf;
}
