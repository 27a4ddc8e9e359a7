import type { WorkflowRow } from "@countersign/client";

/** A workflow in force, as far as its page reads it. */
export interface Workflow {
  readonly name: string;
  readonly dri: string;
  readonly deputy?: string;
  readonly purpose: string;
  readonly pattern: string;
  readonly tier: number;
  readonly agents: readonly string[];
  readonly allow: readonly string[];
  readonly ask: readonly { readonly tool: string; readonly from: string; readonly count: number }[];
  readonly block: readonly string[];
  readonly irreversible: readonly string[];
  readonly cover: readonly { readonly person: string; readonly from: string; readonly to: string }[];
  readonly mode: { readonly kind: "enforce" } | { readonly kind: "observe"; readonly until: string };
  readonly budget: {
    readonly run?: Money;
    readonly day?: Money;
    readonly alert: number;
    readonly calls: { readonly perMinute?: number; readonly perRun?: number; readonly perDay?: number };
  };
}

interface Money {
  readonly currency: string;
  readonly amountMicros: number;
}

/** The server sends whole workflows; its declared form names only what is always there. */
export function workflowOf(row: WorkflowRow): Workflow {
  return row as unknown as Workflow;
}

/** What passes all the same, in words, while its rules are only observed; undefined where they bite. */
export function observingWords(
  { mode, pattern }: Pick<Workflow, "mode" | "pattern">,
  today: string,
): string | undefined {
  if (mode.kind !== "observe" || mode.until < today) return undefined;
  const but = pattern === "copilot-only" ? "executions" : "executions in production";
  return `Only observed until ${mode.until}: until then what these rules refuse or ask about passes and is recorded, but for ${but}`;
}

/** What stands beside a tool: a rule that does not bite now says so. */
export function mayWords(may: PermissionRow["may"], isObserved: boolean): string {
  if (may === "free") return "may";
  const words = may === "asks" ? "must ask" : "never";
  return isObserved ? `${words}, once enforced; now only observed` : words;
}

export interface PermissionRow {
  readonly tool: string;
  readonly may: "free" | "asks" | "never";
  readonly how: string;
}

/** What a workflow says of each tool, in the order of its file: blocks bite before everything else. */
export function permissionRows({ allow, ask, block, irreversible }: Workflow): readonly PermissionRow[] {
  const forGood = (tool: string): string =>
    irreversible.includes(tool) ? "also in production where nothing undoes it" : "";
  return [
    ...ask.map(({ tool, from, count }) => ({
      tool,
      may: "asks" as const,
      how: [`${count} of ${from}`, forGood(tool)].filter((one) => one !== "").join("; "),
    })),
    ...allow.map((tool) => ({ tool, may: "free" as const, how: forGood(tool) })),
    ...block.map((tool) => ({ tool, may: "never" as const, how: "" })),
  ];
}

export function moneyWords({ currency, amountMicros }: Money): string {
  return `${(amountMicros / 1_000_000).toLocaleString("en", { minimumFractionDigits: 0, maximumFractionDigits: 6 })} ${currency}`;
}
