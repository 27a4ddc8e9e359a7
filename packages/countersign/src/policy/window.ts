import { matched } from "./matched.ts";

/** What a policy counts over time. The policy's id is the name of the window. */
export interface WindowRule {
  /**
   * `formerly` asks only whether there was anything before; `previous` whether the newest call before, of any tool of the
   * workflow, was of one of these tools.
   */
  readonly kind: "count" | "sum" | "formerly" | "previous";
  /** The tools whose calls are in the window. */
  readonly tools: readonly string[];
  readonly per: "workflow" | "agent" | "run" | "target";
  /** A duration such as `24h`; without it the window has no end, and no `previous` is without it. */
  readonly within?: string;
  /** What came before the newest call of this tool is not in the window any more. */
  readonly since?: string;
  /** Of a sum: the argument, and what its number means. */
  readonly argument?: string;
  readonly in?: AmountForm;
  /** Calls count only once they are done, and not where the tool answered with an error. */
  readonly done?: boolean;
}

/** How a tool takes an amount: an integer of hundredths, an integer, a number with a point; or a list whose length it is. */
export type AmountForm = "cents" | "whole" | "decimal" | "items";

const form =
  /^(count|formerly|previous|sum ([A-Za-z_][A-Za-z0-9_]*) in (cents|whole|decimal|items)) of ([^ ]+) per (workflow|agent|run|target)(?: within ([1-9][0-9]*[smhd])(?: since ([^ ]+))?)?( once done)?$/;

type Parts = [
  what: string,
  argument: string | undefined,
  unit: string | undefined,
  tools: string,
  per: string,
  within: string | undefined,
  since: string | undefined,
  done: string | undefined,
];

/** A window as its annotation says it: `sum amount in cents of helpdesk.refund per workflow within 24h`. */
export function windowText(rule: WindowRule): string {
  const what = rule.kind === "sum" ? `sum ${rule.argument} in ${rule.in}` : rule.kind;
  const within = rule.within === undefined ? "" : ` within ${rule.within}`;
  const since = rule.since === undefined ? "" : ` since ${rule.since}`;
  return `${what} of ${rule.tools.join(",")} per ${rule.per}${within}${since}${rule.done === true ? " once done" : ""}`;
}

/** Reads what `windowText` writes; undefined where it is anything else. */
export function readWindow(text: string): WindowRule | undefined {
  const match = matched<Parts>(form, text);
  if (match === undefined) return undefined;
  const [what, argument, unit, tools, per, within, since, done] = match;
  // Every call of the workflow takes a row of it: what has no end would never go.
  if (what === "previous" && (within === undefined || since !== undefined)) return undefined;
  return {
    kind: what.startsWith("sum") ? "sum" : (what as "count" | "formerly" | "previous"),
    tools: tools.split(","),
    per: per as WindowRule["per"],
    ...(within === undefined ? {} : { within }),
    ...(since === undefined ? {} : { since }),
    ...(argument === undefined ? {} : { argument, in: unit as AmountForm }),
    ...(done === undefined ? {} : { done: true }),
  };
}

/** Where a limited value stands now: an argument, and where the captured state holds its present value. */
export interface StepRule {
  readonly argument: string;
  /** A JSON pointer into the answer of the tool's reviewed capture. */
  readonly current: string;
}

export function stepText(rule: StepRule): string {
  return `${rule.argument} from ${rule.current}`;
}

export function readStep(text: string): StepRule | undefined {
  const match = matched<[string, string]>(/^([A-Za-z_][A-Za-z0-9_]*) from ((?:\/[A-Za-z0-9_.-]+)+)$/, text);
  return match === undefined ? undefined : { argument: match[0], current: match[1] };
}
