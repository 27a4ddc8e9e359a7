import { canonical, type Json, type Leaf, parseJson, readLeaf, type WriterHead } from "@countersign/contract";
import { leafHash } from "./entry.ts";
import type { ChainRow } from "./log-sql.ts";

/** Entry bundles of tlog-tiles give an entry's length two bytes. */
const maxLeafBytes = 65_535;

/** Why the row cannot follow `head` of its writer, or undefined where it does. Never repaired here: it stops the log. */
export function flawOfRow(head: WriterHead | undefined, row: ChainRow): string | undefined {
  const name = `entry \`${row.seq}\` of writer \`${row.writer}\``;
  if (row.leaf.length > maxLeafBytes) return `${name} is too large for the log`;
  if (!leafHash(row.leaf).equals(row.hash)) return `${name} does not fit its hash`;
  let leaf: Leaf;
  try {
    const text = row.leaf.toString("utf8");
    const value = parseJson(text, { maxBytes: maxLeafBytes });
    if (canonical(value) !== text) return `${name} is not in canonical form`;
    leaf = readLeaf(value, name);
  } catch (fault) {
    return `${name} cannot be read: ${fault instanceof Error ? fault.message : "unknown"}`;
  }
  const prev = head?.hash ?? Buffer.alloc(32).toString("base64");
  if (leaf.prev !== prev) return `${name} does not link to the entry before it`;
  const column = columnThatDiffers(leaf, row);
  return column === undefined ? undefined : `${name} says another \`${column}\` in its column than in the log`;
}

/** Lists and searches read the columns; proofs cover the leaf: the two must say the same. */
export function columnThatDiffers(leaf: Leaf, row: ChainRow): string | undefined {
  const pairs: readonly (readonly [name: string, leaf: Json | undefined, column: Json])[] = [
    ["writer", leaf.writer, row.writer],
    ["seq", leaf.seq, row.seq],
    ["subject", leaf.subject, row.subject],
    ["step", leaf.step, row.step],
    ["kind", leaf.kind, row.kind],
    ["from", leaf.from, row.from_state],
    ["to", leaf.to, row.to_state],
    ["agent", leaf.agent, row.agent],
    ["workflow", leaf.workflow, row.workflow],
    ["person", leaf.person, row.person],
    ["tool", leaf.tool, row.tool],
    ["run", leaf.run, row.run],
  ];
  return pairs.find(([, said, column]) => (said ?? null) !== column)?.[0];
}
