import type { Completeness } from "@countersign/client";
import { exits } from "@countersign/contract";
import { type Noun, whole } from "./command.ts";
import { line, table } from "./paint.ts";
import { receiptCommand } from "./receipt-command.ts";
import type { Shell } from "./shell.ts";

interface CompletenessOptions {
  readonly since?: string;
  readonly until?: string;
  readonly workflow?: string;
  readonly show: number;
}

export const audit: Noun = (program, shell) => {
  program
    .command("audit")
    .description("what auditors check of the log")
    .command("completeness")
    .description(
      "what must be on record of each action of a window, and what is not; ends with 1 where anything is not",
    )
    .option(
      "--since <moment>",
      "asked for from then on: a day in UTC, or a moment; 30 days before the end where missing",
    )
    .option("--until <moment>", "asked for on that day at the latest, or before that moment; now where missing")
    .option("--workflow <name>", "this workflow alone; its DRI may ask for it")
    .option("--show <count>", "how many gaps are listed at most", whole, 50)
    .action(async ({ show, ...query }: CompletenessOptions) => {
      const { ledger } = await shell.client();
      const found = await ledger.completeness(query, ({ actions, found: gaps }) =>
        shell.progress(`looked at ${actions} actions, ${gaps === 1 ? "1 gap" : `${gaps} gaps`}`),
      );
      if (!found.isComplete) shell.exit = exits.doesNotHold;
      shell.answer(found, () => completenessLines(found, show, shell));
    });
};

/** What is measured, as people read it; in the order in which an action goes. */
const words = {
  intent: "intent on record before it was sent",
  inputs: "inputs on record",
  outcome: "outcome on record",
  outputs: "outputs on record, or why not",
  approval: "required approvals present",
  order: "entries in order and time",
} as const satisfies Record<keyof Completeness["measures"], string>;

const why = {
  refused: "refused",
  failed: "certainly never happened",
  unknown: "unknown, and asked about",
  erased: "erased",
  redacted: "with secrets cut from the output",
  withheld: "with an output that is not kept, and why",
  granted: "let through on a grant",
  released: "not asked about any more when they ran",
  waiting: "still waiting",
  inFlight: "under way",
} as const satisfies Record<keyof Completeness["reasons"], string>;

function completenessLines(found: Completeness, show: number, shell: Shell): readonly string[] {
  const { good, bad, dim } = shell.paint;
  const { measures, reasons, gaps, log } = found;
  const named = (Object.keys(why) as (keyof typeof why)[]).filter((one) => reasons[one] > 0);
  const listed = gaps.slice(0, show);
  const [first] = listed;
  return [
    `${found.actions} actions asked for from ${found.since.slice(0, 16)} to ${found.until.slice(0, 16)} UTC`,
    ...table(
      ["", "of", "have", "share"],
      (Object.keys(words) as (keyof typeof words)[]).map((one) => [
        words[one],
        String(measures[one].of),
        String(measures[one].have),
        shareOf(measures[one].share),
      ]),
      shell.paint,
    ),
    ...(named.length === 0 ? [] : [dim(named.map((one) => `${reasons[one]} ${why[one]}`).join(", "))]),
    log.sealed === null
      ? "the log has no checkpoint yet"
      : `the signed tree holds ${log.sealed.size} entries, ${log.behind} are not in it yet`,
    ...(log.alarm === null ? [] : [bad(`the log has stopped: ${line(log.alarm)}`)]),
    ...log.anchors.map(({ name, size, fault }) =>
      fault === null
        ? `anchor ${line(name)} holds ${size === null ? "what this replica was not told" : `the first ${size}`}`
        : bad(`anchor ${line(name)}: ${line(fault)}`),
    ),
    ...(found.isComplete
      ? [good("no gaps")]
      : [
          bad(found.found === 1 ? "1 gap" : `${found.found} gaps`),
          ...table(
            ["receipt", "what", "why"],
            listed.map(({ action, kind, sentence }) => [action, kind, sentence]),
            shell.paint,
          ),
          ...(found.found > listed.length ? [dim(`${found.found - listed.length} more are not listed`)] : []),
          ...(first === undefined ? [] : [dim(receiptCommand(shell, first.action))]),
        ]),
  ];
}

/** Never rounded up to all of it. */
function shareOf(share: number | null): string {
  return share === null ? "" : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}
