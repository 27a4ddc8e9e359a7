import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** Lines of a whole log, as `verify --log` reads them. */
export const logExportType = "application/vnd.countersign.log";

/** Writes lines as fast as they are read, and ends; a reader that leaves ends it too. */
export async function streamLines(response: ServerResponse, lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (response.destroyed) return;
    if (!response.write(`${line}\n`)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}
