import type { FileHandle } from "node:fs/promises";
import { maxPackLine } from "@countersign/contract";

/**
 * The lines of a file, one at a time. Only a line feed ends one: texts in it hold what else a reader of lines would break at.
 * Of a line that is too long no more is kept than shows that it is.
 */
export async function* packLines(file: FileHandle, most = maxPackLine): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      [parts, length] = [[], 0];
    }
    if (rest.length === 0 || length > most) continue;
    parts.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(parts);
}
