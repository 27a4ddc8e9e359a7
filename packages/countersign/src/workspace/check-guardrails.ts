import { isZone } from "../floor/local-time.ts";
import type { Workflow } from "../workflows/index.ts";
import { checkAsk, unknownTool } from "./check-rules.ts";
import type { Draft, Report, Typed } from "./draft.ts";
import { type Path, quoted, unknownName } from "./finding.ts";
import type { ProvidedTools } from "./provided-tools.ts";

type Entry = Workflow["guardrails"][number];

/** Whether each guardrail of a workflow is about tools that it grants, people who exist, and parameters that agree. */
export function checkGuardrails(
  draft: Draft,
  workflow: Typed<Workflow>,
  provided: ProvidedTools,
  report: Report,
): void {
  const { source, value } = workflow;
  const granted = [...value.allow, ...value.ask.map((ask) => ask.tool)];
  const names = new Set<string>();
  for (const [index, entry] of value.guardrails.entries()) {
    const path: Path = ["guardrails", index];
    const name = entry.name ?? entry.use;
    if (names.has(name)) {
      report(source, [...path, entry.name === undefined ? "use" : "name"], {
        message: `there is another guardrail ${quoted(name)} in this workflow`,
        expected: "a `name` of its own",
      });
    }
    names.add(name);
    for (const [at, tool] of (entry.tools ?? []).entries()) {
      if (!granted.includes(tool)) {
        const help = "a guardrail is about tools that stand under `allow` or `ask` of this workflow";
        report(source, [...path, "tools", at], unknownName("granted tool", tool, granted, help));
      }
    }
    if (entry.use === "done-before") {
      const unknown = unknownTool(draft, provided, entry.done);
      if (unknown !== undefined) report(source, [...path, "done"], unknown);
      const { since } = entry;
      // A tool that the workflow does not grant is never called in it: the guardrail would ask for less than it says.
      if (since !== undefined && !granted.includes(since)) {
        const help = "`since` is a tool that stands under `allow` or `ask` of this workflow";
        report(source, [...path, "since"], unknownName("granted tool", since, granted, help));
      }
      if (since === entry.done) {
        report(source, [...path, "since"], {
          message: `${quoted(entry.done)} cannot be done since itself`,
          expected: "another tool than `done`",
        });
      }
    }
    if (entry.use === "right-after") checkOrder(draft, provided, workflow, entry, path, granted, report);
    if ("from" in entry && "exclude" in entry) checkAsk(draft, workflow, entry, path, report);
    checkZone(entry, path, workflow, report);
    for (const { part, ...complaint } of disagreements(draft, entry)) report(source, [...path, ...part], complaint);
  }
}

function checkOrder(
  draft: Draft,
  provided: ProvidedTools,
  { source }: Typed<Workflow>,
  { tools, done, may }: Extract<Entry, { use: "right-after" }>,
  path: Path,
  granted: readonly string[],
  report: Report,
): void {
  const help = "with `never`, `done` names tools that stand under `allow` or `ask` of this workflow";
  for (const [at, tool] of done.entries()) {
    const isGranted = may === "only" || granted.includes(tool);
    // What the workflow does not grant stands before nothing: `never` would refuse less than it says.
    const unknown = isGranted ? unknownTool(draft, provided, tool) : unknownName("granted tool", tool, granted, help);
    if (unknown !== undefined) report(source, [...path, "done", at], unknown);
  }
  if (may === "only" && done.every((tool) => tools.includes(tool))) {
    report(source, [...path, "done"], {
      message: "nothing could begin: each of these asks for one of these before it",
      expected: "a tool that is none of `tools`",
    });
  }
}

function checkZone(entry: Entry, path: Path, { source }: Typed<Workflow>, report: Report): void {
  if (!("zone" in entry) || isZone(entry.zone)) return;
  const zones = [...Intl.supportedValuesOf("timeZone"), "UTC"];
  report(source, [...path, "zone"], {
    ...unknownName("time zone", entry.zone, zones),
    expected: "such as `Europe/Berlin` or `UTC`",
  });
}

interface Disagreement {
  readonly part: Path;
  readonly message: string;
  readonly expected?: string;
  readonly among?: NonNullable<ReturnType<typeof unknownName>["among"]>;
}

function* disagreements(draft: Draft, entry: Entry): Generator<Disagreement> {
  switch (entry.use) {
    case "refund-limits": {
      const { aloneUnder, upTo, perDay = upTo } = entry;
      if (aloneUnder.currency !== upTo.currency)
        yield { part: ["aloneUnder"], message: "the amounts are in two currencies", expected: `\`${upTo.currency}\`` };
      if (perDay.currency !== upTo.currency)
        yield { part: ["perDay"], message: "the amounts are in two currencies", expected: `\`${upTo.currency}\`` };
      if (aloneUnder.cents > upTo.cents)
        yield { part: ["aloneUnder"], message: "this is more than `upTo`", expected: "at most `upTo`" };
      for (const [part, amount] of Object.entries({ aloneUnder, upTo }))
        if (entry.in === "whole" && amount.cents % 100 !== 0)
          yield { part: [part], message: "the tool takes whole amounts", expected: "an amount without hundredths" };
      return;
    }
    case "freeze":
      if (entry.to < entry.from)
        yield { part: ["to"], message: "this is before `from`", expected: "a day from `from` on" };
      return;
    case "change-window":
    case "business-hours":
      if (entry.hours.from === entry.hours.to)
        yield { part: ["hours"], message: "these hours have no length", expected: "hours such as `09:00-17:00`" };
      return;
    case "only-within": {
      const known = draft.organisation.value.environments.map(({ name }) => name);
      for (const [at, name] of entry.environments.entries())
        if (!known.includes(name)) yield { part: ["environments", at], ...unknownOne("environment", name, known) };
      return;
    }
    default:
      return;
  }
}

function unknownOne(kind: string, name: string, known: readonly string[]) {
  return { message: `there is no ${kind} ${quoted(name)}`, among: { kind, name, known } };
}
