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
  readonly per: Scope;
  /** Calls of every workflow are in it; those of the workspace always are. */
  readonly across?: true;
  /** A duration such as `24h`; without it the window has no end, and no `previous` is without it. */
  readonly within?: string;
  /** What came before the newest call of this tool is not in the window any more. */
  readonly since?: string;
  /** Of a sum: the argument, and what its number means; or what the catalog counts of each call. */
  readonly argument?: string;
  readonly in?: AmountForm;
  readonly touched?: TouchedUnit;
  /** Calls count only once they are done, and not where the tool answered with an error. */
  readonly done?: boolean;
}

/** How a tool takes an amount: an integer of hundredths, an integer, a number with a point; or a list whose length it is. */
export type AmountForm = "cents" | "whole" | "decimal" | "items";

/** What has a window of its own: for `args.customer` each value of that argument. */
export type Scope = (typeof plainScopes)[number] | `args.${string}`;
export const plainScopes = ["workflow", "workspace", "agent", "person", "run", "target"] as const;

export const touchedUnits = ["objects", "customers", "nodes", "rows"] as const;
export type TouchedUnit = (typeof touchedUnits)[number];

export function isScope(text: string): text is Scope {
  return plainScopes.some((scope) => scope === text) || /^args\.[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text);
}

/** The argument whose values are counted each by itself. */
export function scopeArgument(per: Scope): string | undefined {
  return per.startsWith("args.") ? per.slice("args.".length) : undefined;
}

/** Whether calls of other workflows are in it. */
export function isAcross({ per, across }: Pick<WindowRule, "per" | "across">): boolean {
  return per === "workspace" || across === true;
}

const form =
  /^(count|formerly|previous|sum (?:([A-Za-z_][A-Za-z0-9_]*) in (cents|whole|decimal|items)|touched (objects|customers|nodes|rows))) of ([^ ]+) per ([^ ]+)( across workspace)?(?: within ([1-9][0-9]*[smhd])(?: since ([^ ]+))?)?( once done)?$/;

type Parts = [
  what: string,
  argument: string | undefined,
  unit: string | undefined,
  touched: string | undefined,
  tools: string,
  per: string,
  across: string | undefined,
  within: string | undefined,
  since: string | undefined,
  done: string | undefined,
];

/** A window as its annotation says it: `sum amount in cents of helpdesk.refund per workflow within 24h`. */
export function windowText(rule: WindowRule): string {
  const summed = rule.touched === undefined ? `${rule.argument} in ${rule.in}` : `touched ${rule.touched}`;
  const what = rule.kind === "sum" ? `sum ${summed}` : rule.kind;
  const across = rule.across === true ? " across workspace" : "";
  const within = rule.within === undefined ? "" : ` within ${rule.within}`;
  const since = rule.since === undefined ? "" : ` since ${rule.since}`;
  return `${what} of ${rule.tools.join(",")} per ${rule.per}${across}${within}${since}${rule.done === true ? " once done" : ""}`;
}

/** Reads what `windowText` writes; undefined where it is anything else. */
export function readWindow(text: string): WindowRule | undefined {
  const match = matched<Parts>(form, text);
  if (match === undefined) return undefined;
  const [what, argument, unit, touched, tools, per, across, within, since, done] = match;
  if (!isScope(per)) return undefined;
  // Every call of the workflow takes a row of it: what has no end would never go.
  if (what === "previous" && (within === undefined || since !== undefined)) return undefined;
  return {
    kind: what.startsWith("sum") ? "sum" : (what as "count" | "formerly" | "previous"),
    tools: tools.split(","),
    per,
    ...(across === undefined ? {} : { across: true }),
    ...(within === undefined ? {} : { within }),
    ...(since === undefined ? {} : { since }),
    ...(argument === undefined ? {} : { argument, in: unit as AmountForm }),
    ...(touched === undefined ? {} : { touched: touched as TouchedUnit }),
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
