import type { Tx } from "../db/db.ts";
import type { Pin, PinStatus } from "./pin.ts";
import type { Definition } from "./tool.ts";

interface PinRow {
  server: string;
  tool: string;
  digest: string;
  definition: Definition;
  status: PinStatus;
  reviewed_by: string | null;
  reviewed_at: string | null;
  seen_at: string;
}

const columns = "server, tool, digest, definition, status, reviewed_by, reviewed_at, seen_at";

export async function readPins(tx: Tx, server?: string): Promise<readonly Pin[]> {
  const { rows } = await tx.query<PinRow>({
    name: "catalog-read-pins",
    text: `select ${columns} from tool_pin where $1::text is null or server = $1 order by server, tool, seen_at, digest`,
    values: [server ?? null],
  });
  return rows.map(pinOf);
}

/** One observation or review of a server at a time. */
export async function lockServer(tx: Tx, server: string): Promise<void> {
  await tx.query("insert into tool_lock (server) values ($1) on conflict do nothing", [server]);
  await tx.query("select 1 from tool_lock where server = $1 for update", [server]);
}

export async function readToolPins(tx: Tx, server: string, tool: string): Promise<readonly Pin[]> {
  const { rows } = await tx.query<PinRow>({
    text: `select ${columns} from tool_pin where server = $1 and tool = $2 order by seen_at, digest for update`,
    values: [server, tool],
  });
  return rows.map(pinOf);
}

/** Writes the row, or its status, reviewer and time where it is there. */
export async function putPin(tx: Tx, pin: Pin): Promise<void> {
  await tx.query({
    text: `insert into tool_pin (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (server, tool, digest) do update set
             status = excluded.status, reviewed_by = excluded.reviewed_by,
             reviewed_at = excluded.reviewed_at, seen_at = excluded.seen_at`,
    values: [
      pin.server,
      pin.tool,
      pin.digest,
      JSON.stringify(pin.definition),
      pin.status,
      pin.reviewedBy ?? null,
      pin.reviewedAt ?? null,
      pin.seenAt,
    ],
  });
}

export async function setStatus(
  tx: Tx,
  server: string,
  tool: string,
  digest: string,
  status: PinStatus,
): Promise<void> {
  await tx.query("update tool_pin set status = $4 where server = $1 and tool = $2 and digest = $3", [
    server,
    tool,
    digest,
    status,
  ]);
}

/** Forgets what was listed for a while and never reviewed: a review of it would be of something that is gone. */
export async function dropUnreviewed(tx: Tx, server: string, tool: string, digest: string): Promise<void> {
  await tx.query(
    "delete from tool_pin where server = $1 and tool = $2 and digest = $3 and status in ('changed', 'new')",
    [server, tool, digest],
  );
}

function pinOf(row: PinRow): Pin {
  return {
    server: row.server,
    tool: row.tool,
    digest: row.digest,
    definition: row.definition,
    status: row.status,
    ...(row.reviewed_by === null ? {} : { reviewedBy: row.reviewed_by }),
    ...(row.reviewed_at === null ? {} : { reviewedAt: row.reviewed_at }),
    seenAt: row.seen_at,
  };
}
