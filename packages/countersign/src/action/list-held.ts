import { compareMoments } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import { type AskedOf, type HeldPlace, heldPage } from "./held-sql.ts";
import { lineWithHands, type OpenAction } from "./open.ts";
import type { Parts } from "./parts.ts";

export interface HeldFilter {
  readonly order: "risk" | "time";
  readonly workflow?: string;
  readonly agent?: string;
  /** `server.tool` */
  readonly tool?: string;
  readonly risk?: "low" | "medium" | "high";
  /** This one alone. */
  readonly action?: string;
  /** Only what is asked of one of these, of the DRI of one of these workflows, or of who stands in. */
  readonly asked?: AskedOf;
}

/** A held action with its place in the order. */
export interface HeldLine {
  readonly open: OpenAction;
  readonly place: HeldPlace;
}

/** What is held after a place in the order: whatever came or went meanwhile, nothing is told twice or left out. */
export async function listHeld(
  parts: Parts,
  filter: HeldFilter,
  after: HeldPlace | undefined,
  limit: number,
): Promise<readonly HeldLine[]> {
  const rows = await heldPage(parts.db, filter, after, limit);
  const open = await Promise.all(rows.map((row) => lineWithHands(parts, row)));
  return open.map((one, index) => ({ open: one, place: placeOf(filter.order, one, rows[index]?.risk_rank ?? 2) }));
}

export function placeOf(order: HeldFilter["order"], open: OpenAction, rank: number): HeldPlace {
  const { id, openedAt, expiresAt = "infinity" } = open;
  return order === "risk" ? { rank, at: expiresAt, id } : { rank: 0, at: openedAt, id };
}

/** Negative where one stands before the other. */
export function comparePlaces(one: HeldPlace, other: HeldPlace): number {
  if (one.rank !== other.rank) return other.rank - one.rank;
  const moments = compareMoments(one.at, other.at);
  if (moments !== 0) return moments;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

export function writePlace(order: HeldFilter["order"], { rank, at, id }: HeldPlace): string {
  return Buffer.from(JSON.stringify([order, rank, at, id])).toString("base64url");
}

export function readPlace(order: HeldFilter["order"], cursor: string): HeldPlace {
  try {
    const [of, rank, at, id, ...rest] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown[];
    const isMoment = at === "infinity" || (typeof at === "string" && /^\d{4,}-\d\d-\d\dT[\d:.]+Z$/.test(at));
    if (of === order && rest.length === 0 && Number.isInteger(rank) && isMoment && typeof id === "string")
      return { rank: rank as number, at: at as string, id };
  } catch {
    // Whatever is wrong with it, it is no cursor.
  }
  throw new Problem("invalid", "`cursor` is not `next` of a page in this order", {
    help: "begin again without it",
    at: "/cursor",
  });
}
