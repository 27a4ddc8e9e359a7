import { scopeArgument, type WindowRule } from "../window.ts";
import type { ObjectLimit, RefundLimits } from "./guardrail.ts";

type Scoped = Pick<RefundLimits, "per" | "across">;

/** Over what a limit counts, as its window has it. */
export function scoped({ per = "workflow", across }: Scoped): Pick<WindowRule, "per" | "across"> {
  return { per, ...(across === true ? { across } : {}) };
}

/** The same at the end of a sentence; nothing where it is said already. */
export function scopeText({ per = "workflow", across }: Scoped): string {
  if (per === "workspace") return " in all workflows together";
  const argument = scopeArgument(per);
  const what = argument === undefined ? (per === "person" ? " for each person" : "") : ` for each ${argument}`;
  const each = what === "" && across === true ? ` for each ${per}` : what;
  return across === true ? `${each} in all workflows together` : each;
}

/** Refuses what is over the limit, and by the limit's name what has no value to be counted by. */
export function scopeClause({ per = "workflow" }: Scoped, isOver: string): string {
  const argument = scopeArgument(per);
  return argument === undefined ? `when { ${isOver} }` : `when { !(context.args has ${argument}) || ${isOver} }`;
}

/** What an object limit adds up. */
export function touched({ argument, counts }: ObjectLimit): Pick<WindowRule, "argument" | "in" | "touched"> {
  return counts === undefined ? { argument: argument ?? "", in: "items" } : { touched: counts };
}

/** What a window says of a limit's scope, as the limit has it. */
export function scopeIn({ per, across }: WindowRule): Pick<WindowRule, "per" | "across"> {
  return { per, ...(across === undefined ? {} : { across }) };
}
