import { type RunSubject, readSubjects, runSubjects } from "../ledger/run-sql.ts";
import type { Parts } from "./parts.ts";
import type { CallRecord } from "./record.ts";
import { type ActionRecord, recordsOf } from "./stored-record.ts";
import { wayBack } from "./way-back.ts";

/** What would become of one action that had an effect, or may have had one, where its run is reversed. */
export interface Surveyed {
  readonly deed: string;
  readonly run: string;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  /** Null where its record was erased. */
  readonly target: string | null;
  readonly at: string;
  /** When it was sent; null where it was not yet. Effects come in this order, and not in that of what was asked for. */
  readonly sent: string | null;
  /** `undo`: it can be undone; `left`: it cannot; `reversed`: it was; `open`: nobody knows yet what there is to undo. */
  readonly fate: "undo" | "left" | "reversed" | "open";
  /** How it is undone, why it cannot be, or what it waits for. */
  readonly sentence: string;
  /** The undo, where it was undone, or the later action that keeps it from being undone. */
  readonly by?: string;
}

export interface Survey {
  /** What was sent last comes first, after what is not sent yet. */
  readonly lines: readonly Surveyed[];
  /** The newest action that was looked at; undefined where there is none. */
  readonly newest: string | undefined;
  /** False where more of it is still there than are undone at once. */
  readonly isWhole: boolean;
}

interface Found extends RunSubject {
  readonly records: readonly (ActionRecord | null)[];
  readonly sent: string | null;
}

const stride = 100;
const tooMany: Survey = { lines: [], newest: undefined, isWhole: false };

/** Said of what somebody wants to keep. */
export const leftOut = "it was left out";

/**
 * What these runs did, newest first, and what can be undone of it. What a later action did to a target that nothing takes
 * away again keeps the earlier ones on that target: their undo would take it away with them.
 */
export async function surveyRun(
  parts: Parts,
  runs: readonly string[],
  options: {
    readonly after?: string;
    readonly leave?: ReadonlySet<string>;
    /** Reads, what was undone and undos do not count: an agent that reads much, or half a reversal, would end all of it. */
    readonly most: number;
    /** Leaves some out, before anything of them is opened. */
    readonly only?: (deeds: readonly string[]) => Promise<ReadonlySet<string>>;
  },
): Promise<Survey> {
  const found: Found[] = [];
  let before = "act_~";
  let counted = 0;
  for (;;) {
    const window = { after: options.after ?? "act_", before };
    const rows = await runSubjects(parts.db, runs, window, stride);
    const only = await options.only?.(rows.map(({ subject }) => subject));
    const page = await opened(parts, only === undefined ? rows : rows.filter(({ subject }) => only.has(subject)));
    counted += page.filter((one) => one.state !== "reversed" && one.records[0]?.call?.reverses === undefined).length;
    if (counted > options.most) return tooMany;
    found.push(...page);
    const last = rows.at(-1);
    if (last === undefined || rows.length < stride) break;
    before = last.subject;
  }
  const newest = found[0]?.subject;
  found.sort(lastSentFirst);
  const undoes = await undoesOf(parts, found);
  const effects = found.filter(({ subject }) => !undoes.has(subject));
  if (effects.filter(({ state }) => state !== "reversed").length > options.most) return tooMany;
  const plane = parts.plane.current();
  const kept: Kept[] = [];
  const lines = effects.map((one): Surveyed => {
    const line = lineOf(one);
    const call = one.records[0]?.call;
    const isLeftOut = options.leave?.has(one.subject) === true;
    // What is still open is left out as well: it would be undone once it is done.
    if (line.fate === "reversed" || (line.fate === "open" && !isLeftOut)) return line;
    const way = isLeftOut ? { why: leftOut } : wayBack(plane, one.records);
    if ("why" in way) {
      kept.push(keptOf(one, call));
      return { ...line, fate: "left", sentence: way.why };
    }
    const over = kept.find((later) => overlap(later, keptOf(one, call)));
    if (over === undefined) return { ...line, sentence: way.plan.sentence };
    kept.push(keptOf(one, call));
    const sentence = `${over.deed} came later to the same target, stays, and would go with it`;
    return { ...line, fate: "left", sentence, by: over.deed };
  });
  return { lines, newest, isWhole: true };
}

/** With their records, without plain reads. Where a record was erased, what the catalog says of the tool counts. */
async function opened(parts: Parts, rows: readonly RunSubject[]): Promise<readonly Found[]> {
  if (rows.length === 0) return [];
  const read = await readSubjects(
    parts.db,
    rows.map(({ subject }) => subject),
    parts.wrap,
  );
  const plane = parts.plane.current();
  return rows.flatMap((row) => {
    const entries = read.get(row.subject) ?? [];
    const records = recordsOf({ entries });
    const sent = entries.find(({ entry }) => entry.to_state === "running")?.entry.at ?? null;
    const [server = "", name = ""] = split(row.tool ?? "");
    const verbs = plane.tool(server, name)?.verbs;
    const verb = records[0]?.call?.verb ?? (verbs?.every((one) => one === "read") === true ? "read" : "execute");
    return verb === "read" ? [] : [{ ...row, records, sent }];
  });
}

function lastSentFirst(one: Found, other: Found): number {
  if (one.sent !== other.sent) {
    if (one.sent === null || other.sent === null) return one.sent === null ? -1 : 1;
    return one.sent > other.sent ? -1 : 1;
  }
  return one.subject > other.subject ? -1 : 1;
}

function split(tool: string): readonly [string, string] {
  const dot = tool.indexOf(".");
  return [tool.slice(0, dot), tool.slice(dot + 1)];
}

/** Which of them only take away what others did; the undo of an undo does something again. */
async function undoesOf(parts: Parts, found: readonly Found[]): Promise<ReadonlySet<string>> {
  const known = new Map(found.map(({ subject, records }) => [subject, records[0]?.call?.reverses]));
  const isUndo = async (id: string): Promise<boolean> => {
    if (!known.has(id)) {
      const read = await readSubjects(parts.db, [id], parts.wrap);
      known.set(id, recordsOf({ entries: read.get(id) ?? [] })[0]?.call?.reverses);
    }
    const of = known.get(id);
    return of !== undefined && !(await isUndo(of));
  };
  const undoes = new Set<string>();
  for (const { subject, records } of found)
    if (records[0]?.call?.reverses !== undefined && (await isUndo(subject))) undoes.add(subject);
  return undoes;
}

function lineOf({ subject: deed, run, agent, workflow, tool, at, sent, state, records }: Found): Surveyed {
  const target = records[0]?.call?.target ?? null;
  const line = { deed, run, agent, workflow, tool, target, at, sent };
  if (state === "reversed") {
    const by = (records.at(-1) as { readonly by?: string } | null | undefined)?.by;
    return { ...line, fate: "reversed", sentence: "it was undone already", ...(by === undefined ? {} : { by }) };
  }
  if (state === "unknown")
    return { ...line, fate: "open", sentence: "nobody knows yet whether it happened: somebody has to settle it" };
  if (state !== "done")
    return { ...line, fate: "open", sentence: `it is still ${state}: cancel it, or wait for its end` };
  return { ...line, fate: "undo", sentence: "" };
}

interface Kept {
  readonly deed: string;
  readonly server: string;
  readonly target: string | null;
}

function keptOf({ subject, tool }: Found, call: CallRecord | undefined): Kept {
  return { deed: subject, server: call?.server ?? split(tool ?? "")[0], target: call?.target ?? null };
}

/** The same target, or one within the other. What is not known may be any of its server. */
function overlap(one: Kept, other: Kept): boolean {
  if (one.server !== other.server) return false;
  if (one.target === null || other.target === null) return true;
  return one.target === other.target || isUnder(one.target, other.target) || isUnder(other.target, one.target);
}

function isUnder(one: string, other: string): boolean {
  return one.startsWith(other.endsWith("/") ? other : `${other}/`);
}
