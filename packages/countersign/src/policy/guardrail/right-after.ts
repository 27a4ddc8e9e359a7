import type { WindowRule } from "../window.ts";
import type { RightAfter } from "./guardrail.ts";

const places = {
  workflow: "in the workflow",
  agent: "by the same agent",
  run: "in the run",
  target: "on the same target",
};

export function rightAfterTitle({ tools, done, may, per }: RightAfter): string {
  const [what, before] = [tools.join(", "), done.join(", ")];
  return may === "only"
    ? `needs ${before} done right before ${what} ${places[per]}`
    : `refuses ${what} right after ${before} ${places[per]}`;
}

function isPlace(per: string): per is RightAfter["per"] {
  return Object.hasOwn(places, per);
}

/** What has to be done first counts once it is; what must not stand right before counts from its intent on, whatever it answers. */
export function rightAfterWindow({ done, may, per, within }: RightAfter): WindowRule {
  return { kind: "previous", tools: done, per, within, ...(may === "only" ? { done: true } : {}) };
}

export function rightAfterClause({ may }: RightAfter, id: string): string {
  return `${may === "only" ? "unless" : "when"} { context.facts.previous.contains("${id}") }`;
}

/** The parameters that its window holds; undefined where that is none of the template's. */
export function readRightAfter(
  window: WindowRule | undefined,
): Pick<RightAfter, "done" | "may" | "per" | "within"> | undefined {
  if (window?.kind !== "previous" || window.within === undefined) return undefined;
  const { tools, per, within, done, across } = window;
  if (across !== undefined || !isPlace(per)) return undefined;
  return { done: tools, may: done === true ? "only" : "never", per, within };
}
