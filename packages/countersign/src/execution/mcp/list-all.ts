import type { JsonObject } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import type { Answer } from "../connector.ts";
import { isObject } from "./wire.ts";

const maxPages = 100;
const maxItems = 10_000;

/** All pages of a list. Throws `unavailable` where the server cannot be asked; a server without such a list has none. */
export async function listAll(
  ask: (params: JsonObject) => Promise<Answer>,
  member: string,
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await ask(cursor === undefined ? {} : { cursor });
    if (answer.kind === "error" && page === 0) return [];
    if (answer.kind !== "answered") {
      const because = answer.kind === "never_sent" ? `: ${answer.reason}` : "";
      throw new Problem("unavailable", `the server's list cannot be had now${because}`);
    }
    const items = answer.result[member];
    if (Array.isArray(items)) found.push(...items.filter(isObject));
    if (found.length > maxItems) throw new Problem("too_large", `the server lists more than ${maxItems} entries`);
    const next = answer.result.nextCursor;
    if (typeof next !== "string" || next === cursor) return found;
    cursor = next;
  }
  throw new Problem("too_large", "the server's list does not end");
}
