import type { Patch } from "./plant.ts";
import type { ScenarioName } from "./scenarios.ts";

/** A bug that this product could have, as changes of its source text, and the scenario that is there to find it. */
export interface Bug {
  readonly name: string;
  readonly found: ScenarioName;
  readonly patches: readonly Patch[];
}

const one = (name: string, found: ScenarioName, file: string, ...swaps: [string, string][]): Bug => ({
  name,
  found,
  patches: [{ file, swaps }],
});

export const bugs: readonly Bug[] = [
  one("does not wait for the intent", "races", "action/attempt.ts", [
    "await written;",
    "written.catch(() => undefined);",
  ]),
  one("sends a lost call again", "upstreams", "action/attempt.ts", [
    "const answer = await parts.connector\n      .call({",
    "const once = parts.connector;\n    const answer = await ({ call: (d: never) => once.call(d).then((a: Answer) => a.kind === 'lost' ? once.call(d) : a) } as typeof once)\n      .call({",
  ]),
  one("sends under a writer that was fenced", "pauses", "action/attempt.ts", [
    "if (!parts.ledger.alive() || parts.ledger.writer() !== writer)",
    "if (writer === undefined)",
  ]),
  one("claims nothing for an identical call", "races", "action/call.ts", [
    "return [explicit, identical].filter(",
    "return [explicit, identical].slice(0, 1).filter(",
  ]),
  one("calls a lost call failed", "upstreams", "action/settle.ts", [
    'if (record.kind === "lost") return settleUnknown(parts, track, record);\n  const to = record.kind === "never_sent"',
    'const to = record.kind === "lost" || record.kind === "never_sent"',
  ]),
  one("leaves what a dead replica had open", "cuts", "action/recover.ts", [
    "if (await markUnknown(parts, intent)) count++;",
    "count += intent.step * 0;",
  ]),
  one("sends again what a dead replica had open", "cuts", "action/recover.ts", [
    "  if (subject.key === null) return false;\n",
    "  if (subject.key === null) return false;\n  if (first?.call !== undefined) await parts.connector.call({ actionId: intent.subject, server: first.call.server, method: first.call.method, params: { name: first.call.tool, arguments: { ...first.call.args, action: intent.subject } }, deadlineMs: 2000, signal: new AbortController().signal, workflow: intent.workflow });\n",
  ]),
  one("answers before the commit", "races", "ledger/chain.ts", [
    "    if (this.fenced) {\n      for (const waiting of batch) waiting.reject(fencedProblem());\n      return;\n    }",
    "    for (const waiting of batch) if (waiting.item.sealed.some((each) => each.draft.agent === 'robot' && each.draft.subject.startsWith('act_'))) waiting.resolve([]);\n    await new Promise((resolve) => setTimeout(resolve, 20));",
  ]),
  one("links to a wrong entry", "races", "ledger/entry.ts", [
    'prev: head.hash.toString("base64"),',
    'prev: (head.seq % 3 === 2 ? emptyHead : head).hash.toString("base64"),',
  ]),
  {
    name: "lets a fenced writer go on",
    found: "pauses",
    patches: [
      {
        file: "ledger/sql.ts",
        swaps: [
          [
            'const guard = "guard as (select 1 from writer where id = $1 and fenced_at is null for share)";',
            'const guard = "guard as (select 1 from writer where id = $1)";',
          ],
        ],
      },
      {
        file: "ledger/ledger.ts",
        swaps: [
          ["if (now === null) chain.fence();\n      else {", "{"],
          ["stamp.heard(now, asked);", "if (now !== null) stamp.heard(now, asked);"],
        ],
      },
    ],
  },
  one("leaves an approval to be used again", "races", "action/approval-sql.ts", [
    "const text = `update answer set consumed_at = clock_timestamp()",
    "const text = `update answer set consumed_at = consumed_at",
  ]),
  one("calls an unknown failed while the call is at work", "upstreams", "action/reconcile.ts", [
    'return Date.parse(sent?.entry.at ?? "") + deadlineMs + lateMs;',
    'return Date.parse(sent?.entry.at ?? "") + deadlineMs * 0 + lateMs * 0;',
  ]),
  one("takes a write that was lost for a commit", "commits", "ledger/chain.ts", [
    "return hash?.equals(last.hash) === true;",
    "return hash?.equals(last.hash) !== false;",
  ]),
  one("runs whatever is held", "races", "action/resume.ts", [
    'if (considered.effect === "allow") {',
    'if (considered.effect !== "deny") {',
  ]),
];
