import { type Json, parseJson } from "@countersign/contract";
import type { Countersign } from "./client.ts";
import { CountersignProblem } from "./problem.ts";

/** Thrown by a guarded function that was not run. */
export class NotAllowed extends Error {
  /** The receipt's id. */
  readonly receipt: string;
  readonly effect: "require" | "deny";
  constructor(effect: "require" | "deny", sentence: string, receipt: string) {
    super(sentence);
    this.name = "NotAllowed";
    this.effect = effect;
    this.receipt = receipt;
  }
}

/**
 * Wraps a plain function: the plane decides before it runs, by the rules of the tool `server.tool`. Its receipt is
 * advisory, because this process runs the function and not the gate. Fails closed: no answer, no run.
 */
export function guard<A extends object, R>(
  plane: Pick<Countersign, "actions">,
  tool: string,
  fn: (args: A) => R | Promise<R>,
): (args: A) => Promise<R> {
  const dot = tool.indexOf(".");
  if (dot < 1 || dot === tool.length - 1) {
    throw new CountersignProblem("invalid", "a guarded tool is named as `server.tool`", { at: "/tool" });
  }
  const [server, name] = [tool.slice(0, dot), tool.slice(dot + 1)];
  return async (args) => {
    // What is decided on is what runs: later changes of the caller's object do not reach the function.
    const fixed = JSON.stringify(args);
    const decided = parseJson(fixed, { maxBytes: 1_114_112 }) as { readonly [member: string]: Json };
    const advice = await plane.actions.ask({ server, tool: name, arguments: decided });
    if (advice.effect !== "allow") throw new NotAllowed(advice.effect, advice.sentence, advice.id);
    return fn(JSON.parse(fixed) as A);
  };
}
