import type { SchemaJson } from "@cedar-policy/cedar-wasm/nodejs";
import { canonical } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { type ParseReport, parse, type ValidateTask } from "./parse.ts";
import type { CedarText, PolicyFault } from "./policy.ts";
import { namedActions } from "./syntax.ts";

/** A text that was found valid, and what of the schema that depends on. */
interface Known {
  /** Actions that its policies name; null where one of them can match any action. */
  readonly names: readonly string[] | null;
  /** By the digest of what the schema said. */
  readonly reports: ReadonlyMap<string, ParseReport>;
}

// A draft refuses tools that are away and what is in force expects them; servers list their tools one after the other:
// the same text is asked about under a few schemas in turns.
const mostSchemas = 8;

const least = 2_000;
const portion = 200;
// Owned here alone: what a text says under a schema never changes. Used last, stands last.
const known = new Map<string, Known>();

/**
 * Parses and validates only what has changed: a policy's validity is its own affair, and depends on its text and on
 * what the schema says of the actions that it can match.
 */
export async function parseKnown(task: ValidateTask): Promise<ParseReport> {
  const schemas = new Schemas(task);
  const keys = task.texts.map(keyOf);
  const found = keys.map((key) => {
    const before = known.get(key);
    return before?.reports.get(schemas.digest(before.names));
  });
  const changed = task.texts.filter((_, at) => found[at] === undefined);
  if (changed.length === 0) return joined(found.filter((one) => one !== undefined));
  const labelled = changed.map((text, at) => ({ ...text, file: `${at}` }));
  const reports: ParseReport[] = [];
  for (const texts of portions(labelled)) reports.push(await parse({ ...task, texts }));
  const report = joined(reports);
  const own = changed.map((text, at) => partOf(report, text, `${at}`));
  const other = report.faults.filter(({ file }) => !/^\d+$/.test(file));
  if (report.faults.length === 0) {
    for (const [at, text] of changed.entries()) remember(keyOf(text), own[at], schemas);
    forget(Math.max(least, 3 * task.texts.length));
  }
  let next = 0;
  const all = found.map((one) => one ?? own[next++] ?? none);
  return joined([...all, { ...none, faults: other }]);
}

/** A worker reads the schema once for what it is given, and of it only what those policies can match. */
function portions(texts: readonly CedarText[]): readonly (readonly CedarText[])[] {
  const shipped = texts.filter(({ source }) => source === "shipped");
  const others = texts.filter(({ source }) => source !== "shipped");
  if (others.length <= portion) return [texts];
  const cut = Array.from({ length: Math.ceil(others.length / portion) }, (_, at) =>
    others.slice(at * portion, (at + 1) * portion),
  );
  return shipped.length === 0 ? cut : [shipped, ...cut];
}

const none: ParseReport = { policies: [], faults: [], warnings: [] };

function keyOf({ file, source, text }: CedarText): string {
  return digestText(`${source}\n${file}\n${text}`);
}

function remember(key: string, report: ParseReport | undefined, schemas: Schemas): void {
  if (report === undefined) return;
  const names = namedActions(report.policies.map(({ syntax }) => syntax));
  const schema = schemas.digest(names);
  const others = [...(known.get(key)?.reports ?? [])].filter(([digest]) => digest !== schema);
  known.delete(key);
  known.set(key, { names, reports: new Map([...others.slice(1 - mostSchemas), [schema, report]]) });
}

/** Forgets what was used longest ago, until no more reports are kept than that. */
function forget(most: number): void {
  let kept = 0;
  for (const { reports } of known.values()) kept += reports.size;
  for (const [key, { reports }] of known) {
    if (kept <= most) return;
    kept -= reports.size;
    known.delete(key);
  }
}

function partOf(report: ParseReport, { file }: CedarText, label: string): ParseReport {
  const mine = (fault: PolicyFault) => fault.file === label;
  const named = (fault: PolicyFault) => ({ ...fault, file });
  return {
    policies: report.policies.filter((policy) => policy.file === label).map((policy) => ({ ...policy, file })),
    faults: report.faults.filter(mine).map(named),
    warnings: report.warnings.filter(mine).map(named),
  };
}

function joined(reports: readonly ParseReport[]): ParseReport {
  return {
    policies: reports.flatMap(({ policies }) => policies),
    faults: reports.flatMap(({ faults }) => faults),
    warnings: reports.flatMap(({ warnings }) => warnings),
  };
}

/** Digests of what the schema says, of all actions or of some. */
class Schemas {
  readonly #schema: SchemaJson<string>;
  readonly #absent: string;
  readonly #digests = new Map<string, string>();
  readonly #actions = new Map<string, string>();

  constructor({ schema, absentTool }: ValidateTask) {
    this.#schema = schema;
    this.#absent = absentTool === undefined ? "" : JSON.stringify(absentTool);
  }

  digest(names: readonly string[] | null): string {
    const key = names === null ? "*" : names.join("\n");
    const before = this.#digests.get(key);
    if (before !== undefined) return before;
    const { actions = {}, ...types } = this.#schema[""] ?? {};
    const wanted = names ?? Object.keys(actions);
    // A tool that is away is nothing to a policy that names only others.
    const absent = names?.every((name) => actions[name] !== undefined) === true ? "" : this.#absent;
    const digest = digestText(
      [canonical(JSON.parse(JSON.stringify(types))), absent, ...wanted.map((name) => this.#action(name))].join("\n"),
    );
    this.#digests.set(key, digest);
    return digest;
  }

  #action(name: string): string {
    const before = this.#actions.get(name);
    if (before !== undefined) return before;
    const said = this.#schema[""]?.actions?.[name];
    const text = `${JSON.stringify(name)} ${said === undefined ? "unknown" : JSON.stringify(said)}`;
    this.#actions.set(name, text);
    return text;
  }
}

/** For tests: as after a restart. */
export function forgetParsed(): void {
  known.clear();
}
