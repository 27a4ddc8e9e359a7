import type { FileHandle } from "node:fs/promises";
import { Problem } from "../../floor/problem.ts";

const mostBytes = 192 * 1024 * 1024;

/** The lines of a file, one at a time. Only a line feed ends one: texts in it hold what else a reader of lines would break at. */
export async function* packLines(file: FileHandle): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      [parts, length] = [[], 0];
    }
    if (rest.length === 0) continue;
    parts.push(rest);
    length += rest.length;
    if (length > mostBytes)
      throw new Problem("too_large", "a line of it is larger than a receipt and its bundle can be");
  }
  if (length > 0) yield Buffer.concat(parts);
}
