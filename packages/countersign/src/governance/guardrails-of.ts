import type { Guardrail, WorkflowRules } from "../policy/index.ts";
import type { GuardrailFile, Workflow } from "../workflows/index.ts";

type Given<Use extends GuardrailFile["use"]> = Extract<GuardrailFile, { use: Use }>;

/** A workflow file's guardrails as policy reads them. What names only tools that no server lists now waits for one. */
export function guardrailsOf(workflow: Workflow, known: ReadonlySet<string>): NonNullable<WorkflowRules["guardrails"]> {
  return workflow.guardrails.flatMap((given) => {
    const tools = (given.tools ?? []).filter((tool) => known.has(tool));
    return tools.length === 0 && given.tools !== undefined ? [] : [ruleOf(given, given.name ?? given.use, tools)];
  });
}

function ruleOf(given: GuardrailFile, name: string, tools: readonly string[]): Guardrail {
  switch (given.use) {
    case "refund-limits": {
      const { use, amount, in: form, currency, aloneUnder, upTo, perDay, per, across } = given;
      return {
        ...{ use, name, tools, amount, in: form },
        ...(currency === undefined ? {} : { currency: { code: upTo.currency, argument: currency } }),
        aloneUnder: aloneUnder.cents,
        upTo: upTo.cents,
        ...(perDay === undefined
          ? {}
          : { perDay: perDay.cents, ...(per === "workflow" ? {} : { per }), ...acrossOf(across) }),
        ask: askOf(given),
      };
    }
    case "four-eyes":
      return { use: given.use, name, tools, production: given.production, ask: askOf(given) };
    case "freeze":
      return {
        ...{ use: given.use, name, tools, production: given.production, zone: given.zone },
        from: dayNumber(given.from),
        to: dayNumber(given.to),
      };
    case "change-window":
      return { use: given.use, name, tools, production: given.production, hours: hoursOf(given) };
    case "business-hours":
      return { use: given.use, name, tools, production: given.production, hours: hoursOf(given), ask: askOf(given) };
    case "first-time-target":
      return { use: given.use, name, tools, ask: askOf(given) };
    case "expires":
      return { ...given, name, tools, until: dayNumber(given.until) };
    case "object-limit":
    case "call-limit": {
      const { across, ...rest } = given;
      return { ...rest, ...acrossOf(across), name, tools, within: duration(given.within) };
    }
    case "done-before":
    case "right-after":
      return { ...given, name, tools, within: duration(given.within) };
    case "data-egress":
      return { ...given, name, tools, destinations: [] };
    case "step-limit":
    case "egress":
    case "only-within":
      return { ...given, name, tools };
  }
}

function acrossOf(across: "workspace" | undefined): { readonly across?: true } {
  return across === undefined ? {} : { across: true };
}

type Asks = Pick<Given<"four-eyes">, "from" | "count" | "open" | "valid" | "exclude">;
type Hours = Pick<Given<"change-window">, "zone" | "days" | "hours">;

function askOf({ from, count, open, valid, exclude }: Asks) {
  return { from, count, open: duration(open), valid: duration(valid), exclude };
}

function hoursOf({ zone, days, hours }: Hours) {
  return { zone, days, ...hours };
}

/** `2026-12-20` as `20261220`. */
function dayNumber(day: string): number {
  return Number(day.replaceAll("-", ""));
}

/** Durations as policies write them: whole units, the largest that is exact. */
function duration(ms: number): string {
  for (const [unit, scale] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
  ] as const)
    if (ms % scale === 0) return `${ms / scale}${unit}`;
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}
