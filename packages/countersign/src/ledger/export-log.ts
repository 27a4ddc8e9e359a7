import {
  canonical,
  logType,
  parseCheckpoint,
  parseJson,
  parseNote,
  readLeaf,
  type Trust,
  type VerifiedLog,
  verifyLog,
} from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { columnThatDiffers } from "./follow.ts";
import { type ChainRow, closedWriters, entriesAfter, entriesInTree, latestCheckpoint, openWriters } from "./log-sql.ts";
import { latestTimestamps } from "./timestamp-sql.ts";

const step = 2_000;

/**
 * The whole log as lines for `verifyLog`: what is in the tree in its order, with the tree's own hashes, then what no
 * checkpoint covers yet. `seen` is called with each row.
 */
export async function* exportLog(
  tx: Tx,
  seen: (row: ChainRow, line: number) => void = () => {},
): AsyncGenerator<string> {
  const latest = await latestCheckpoint(tx);
  const count = latest === null ? 0 : parseCheckpoint(parseNote(latest.note).text).closed.count;
  const closed = (await closedWriters(tx, count)).map(
    (head) => `writer ${head.writer} ${head.seq} ${head.hash.toString("base64")}`,
  );
  // Not beyond it: the tree may have grown since.
  const timestamps = (await latestTimestamps(tx, latest?.size ?? 0)).map(({ authority, note, answer }) => ({
    answer: answer.toString("base64"),
    authority,
    note,
  }));
  yield canonical({
    checkpoints: latest === null ? [] : [latest.note],
    closed,
    ...(timestamps.length === 0 ? {} : { timestamps }),
    type: logType,
    v: 1,
  });
  const size = latest?.size ?? 0;
  let line = 1;
  const heads = new Map<string, number>();
  for (let from = 0; from < size; from += step) {
    for (const row of await entriesInTree(tx, from, Math.min(from + step, size))) {
      seen(row, ++line);
      heads.set(row.writer, row.seq);
      yield `${row.tree_hash.toString("base64")} ${row.leaf.toString("utf8")}`;
    }
  }
  for (;;) {
    const open = (await openWriters(tx)).map(({ id }) => ({ writer: id, seq: heads.get(id) ?? -1 }));
    const rows = await entriesAfter(tx, open, step);
    if (rows.length === 0) return;
    for (const row of rows) {
      seen(row, ++line);
      heads.set(row.writer, row.seq);
      yield `${row.hash.toString("base64")} ${row.leaf.toString("utf8")}`;
    }
  }
}

/** Verifies what the database holds against a pinned trust: the log, and that the columns say what the log says. */
export async function verifyDatabase(tx: Tx, trust: Trust): Promise<VerifiedLog> {
  const differing: { line: number; sentence: string }[] = [];
  const compare = (row: ChainRow, line: number): void => {
    let column: string | undefined;
    try {
      column = columnThatDiffers(readLeaf(parseJson(row.leaf.toString("utf8"), { maxBytes: 65_535 }), "leaf"), row);
    } catch {
      return; // the log's own verification names it
    }
    const sentence = `entry ${row.seq} of writer \`${row.writer}\` says another \`${column}\` in its column than in the log`;
    if (column !== undefined) differing.push({ line, sentence });
  };
  const found = await verifyLog(exportLog(tx, compare), trust);
  const problems = [...found.problems];
  for (const { line, sentence } of differing) problems.push({ code: "edited", at: `line ${line}`, sentence });
  return { ...found, ok: problems.length === 0, problems };
}
