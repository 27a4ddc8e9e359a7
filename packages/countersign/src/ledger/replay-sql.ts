import type { Fields } from "../db/copied-rows.ts";
import type { Session, Tx } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";

/** Ids come from the clock of the machine that was asked, moments from the database: so far apart these may be. */
export const clocksApartMs = 600_000;

export interface SinceFilter {
  /** RFC 3339; actions that were asked for from then on. */
  readonly since: string;
  readonly workflow?: string;
  /** Subjects before this one. */
  readonly before: string;
}

/** Entries that hold results: they are large and decide nothing. */
const decidesNothing = "('outcome', 'settled', 'reversed')";

// The first id only spares walking what is older: the moment decides.
const asked = `step = 0 and subject >= $2 and at >= $3 and ($4::text is null or workflow = $4)`;

function bounds({ before, since, workflow }: SinceFilter): readonly (string | null)[] {
  return [before, firstIdAt("act", Date.parse(since) - clocksApartMs), since, workflow ?? null];
}

/** One entry that can hold a decision, with its subject's wrapped key, which is null where it was erased. */
export interface DecidingRow {
  readonly subject: string;
  /** When the action was asked for. */
  readonly at_ms: number;
  readonly wrapped: Buffer | null;
  /** Null where an action has no such entry. */
  readonly step: number | null;
  readonly sealed: Buffer | null;
  readonly [column: string]: unknown;
}

/** The deciding entries of the newest so many actions that were asked for since a moment, newest first and in the order of their steps. */
export async function decidingSince(tx: Tx, filter: SinceFilter, limit: number): Promise<readonly DecidingRow[]> {
  const text = `with page as (select subject, at from entry where ${asked} and subject < $1 order by subject desc limit $5)
    select p.subject, (extract(epoch from p.at) * 1000)::float8 as at_ms, k.wrapped, e.step, e.sealed from page p
      left join subject_key k on k.subject = p.subject
      left join entry e on e.subject = p.subject and e.kind not in ${decidesNothing}
    order by p.subject desc, e.step`;
  const values = [...bounds(filter), limit];
  return (await tx.query<DecidingRow>({ name: "deciding-since", text, values })).rows;
}

/** A part of what was asked for since a moment, between two actions and with both. */
export interface Page {
  readonly first: string;
  readonly last: string;
  readonly actions: number;
}

/** What was asked for since a moment, newest first and cut into pages of so many actions: `most` actions, or all. */
export async function pagesSince(
  tx: Tx,
  filter: SinceFilter,
  actions: number,
  most: number | null,
): Promise<readonly Page[]> {
  const text = `select max(subject) as first, min(subject) as last, count(*)::int as actions from (
      select subject, (row_number() over (order by subject desc) - 1) / $5 as page from entry where ${asked} and subject < $1
      order by subject desc limit $6
    ) numbered group by page order by page`;
  const values = [...bounds(filter), actions, most];
  return (await tx.query<Page>(text, values)).rows;
}

// What `p.subject` says already, said again: else the planner walks whole tables for a page, or looks up each action by itself.
const inPage = (table: string): string => `${table}.subject between $2 and $1`;

/** Gives the deciding entries of a page as `subject`, `wrapped`, `step` and `sealed`, in the order of `decidingSince`. */
export function eachDeciding(
  session: Session,
  filter: Omit<SinceFilter, "before">,
  { first, last }: Page,
  each: (fields: Fields) => void,
): Promise<number> {
  const text = `copy (
    with page as (select subject from entry where ${asked} and subject <= $1)
    select p.subject, k.wrapped, e.step, e.sealed from page p
      left join subject_key k on k.subject = p.subject and ${inPage("k")}
      left join entry e on e.subject = p.subject and ${inPage("e")} and e.kind not in ${decidesNothing}
    order by p.subject desc, e.step) to stdout (format binary)`;
  const { since, workflow } = filter;
  return session.copyEach({ text, values: [first, last, since, workflow ?? null] }, each);
}

/** Whose calls are read with how they ended. */
export interface CallFilter extends Omit<SinceFilter, "before"> {
  /** `server.tool`; null for every tool. */
  readonly tools: readonly string[] | null;
  /** Whether what came of a call is opened too. */
  readonly byEnd: boolean;
}

/**
 * Gives every entry of a page's calls of some tools as `subject`, `wrapped`, `step`, `to_state`, its moment in
 * milliseconds as a double, and `sealed` where it is to be opened, in the order of `decidingSince`.
 */
export function eachOfCalls(
  session: Session,
  { since, workflow, tools, byEnd }: CallFilter,
  { first, last }: Page,
  each: (fields: Fields) => void,
): Promise<number> {
  const text = `copy (
    with page as (select subject from entry where ${asked} and subject <= $1 and ($5::text is null or tool = any(string_to_array($5, ' '))))
    select p.subject, k.wrapped, e.step, e.to_state, (extract(epoch from e.at) * 1000)::float8,
      case when $6::text is null and e.kind in ${decidesNothing} then null else e.sealed end
    from page p
      join entry e on e.subject = p.subject and ${inPage("e")}
      left join subject_key k on k.subject = p.subject and ${inPage("k")}
    order by p.subject desc, e.step) to stdout (format binary)`;
  const values = [first, last, since, workflow ?? null, tools?.join(" ") ?? null, byEnd ? "yes" : null];
  return session.copyEach({ text, values }, each);
}
