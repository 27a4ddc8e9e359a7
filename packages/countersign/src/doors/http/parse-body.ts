import { type Json, JsonFault, parseJson } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";

/** Largest body of a request, in bytes, where its route says nothing else. */
export const maxBodyBytes = 1_048_576;

/** Strict JSON: two readers could understand a duplicate name or an overlong number differently. */
export function parseBody(bytes: Buffer, maxBytes: number): Json {
  try {
    return parseJson(decode(bytes), { maxBytes });
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    if (thrown.reason === "size") throw new Problem("too_large", `the body is larger than ${maxBytes} bytes`);
    throw new Problem("invalid", `the body cannot be read: ${thrown.message}`);
  }
}

export function parseForm(bytes: Buffer): URLSearchParams {
  return new URLSearchParams(decode(bytes));
}

/** Each name once: of two values nobody could say which one counts. */
export function membersOf(params: URLSearchParams, what: string): Readonly<Record<string, string>> {
  const members: [string, string][] = [];
  const seen = new Set<string>();
  for (const [name, value] of params) {
    if (seen.has(name)) throw new Problem("invalid", `a parameter of the ${what} is there twice`);
    seen.add(name);
    members.push([name, value]);
  }
  return Object.fromEntries(members);
}

/** The query of an address. An escape that is not UTF-8 is refused, never replaced. */
export function parseQuery(text: string): Readonly<Record<string, string>> {
  if (text === "") return {};
  try {
    decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Problem("invalid", "the query of the address cannot be decoded");
  }
  return membersOf(new URLSearchParams(text), "query");
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Problem("invalid", "the body is not UTF-8");
  }
}
