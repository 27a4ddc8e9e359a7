import { canonical, type Leaf, parseJson, readLeaf, type WriterHead } from "@countersign/contract";
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
  if (leaf.writer !== row.writer) return "writer";
  if (leaf.seq !== row.seq) return "seq";
  if (leaf.subject !== row.subject) return "subject";
  if (leaf.step !== row.step) return "step";
  if (leaf.kind !== row.kind) return "kind";
  if (leaf.from !== row.from_state) return "from";
  if (leaf.to !== row.to_state) return "to";
  if ((leaf.agent ?? null) !== row.agent) return "agent";
  if ((leaf.workflow ?? null) !== row.workflow) return "workflow";
  if ((leaf.person ?? null) !== row.person) return "person";
  if ((leaf.tool ?? null) !== row.tool) return "tool";
  if ((leaf.run ?? null) !== row.run) return "run";
  return undefined;
}
