import { Problem } from "../floor/problem.ts";

/** The fields of one row, each as PostgreSQL sends it in binary. Good until the next row: the driver's buffer is used again. */
export type Fields = readonly (Buffer | null)[];

const signature = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
const endOfRows = -1;
const absent = -1;

/** Reads messages of a binary COPY, of which each holds whole rows. */
export function eachRow(each: (fields: Fields) => void): (message: Buffer) => void {
  let isBegun = false;
  return (message) => {
    let at = isBegun ? 0 : headerEnd(message);
    isBegun = true;
    while (at < message.length) {
      const count = message.readInt16BE(at);
      at += 2;
      if (count === endOfRows) break;
      const fields: (Buffer | null)[] = [];
      for (let i = 0; i < count; i++) {
        const length = message.readInt32BE(at);
        at += 4;
        if (length === absent) fields.push(null);
        else {
          fields.push(message.subarray(at, at + length));
          at += length;
        }
      }
      if (at > message.length) throw cut();
      each(fields);
    }
  };
}

function headerEnd(message: Buffer): number {
  if (!message.subarray(0, signature.length).equals(signature)) throw cut();
  const flags = signature.length;
  return flags + 8 + message.readInt32BE(flags + 4);
}

function cut(): Problem {
  return new Problem("bug", "what the database sent is no row of a binary copy");
}
