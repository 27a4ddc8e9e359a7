import type { Readable } from "node:stream";
import type { RpcId } from "../../execution/mcp/index.ts";

/** A line that is longer than the door takes: what it was is known, and its content is let go. */
export interface LongLine {
  readonly id: RpcId | undefined;
  /** It names a method: with an id it is a request, and somebody waits for its answer. */
  readonly asks: boolean;
}

export const maxLine = 1_114_112;

/** The lines of the input that are not blank. */
export async function* linesOf(input: Readable): AsyncGenerator<string | LongLine> {
  const decoder = new TextDecoder();
  let rest = "";
  let skimmed: Skimmer | undefined;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    for (const [index, part] of parts.entries()) {
      if (index > 0) {
        const line = skimmed?.found() ?? rest;
        [rest, skimmed] = ["", undefined];
        if (typeof line !== "string" || line.trim() !== "") yield line;
      }
      if (skimmed !== undefined) skimmed.read(part);
      else if (rest.length + part.length <= maxLine) rest += part;
      else {
        skimmed = createSkimmer();
        skimmed.read(rest);
        skimmed.read(part);
        rest = "";
      }
    }
  }
  const last = skimmed?.found() ?? rest;
  if (typeof last !== "string" || last.trim() !== "") yield last;
}

interface Skimmer {
  read(text: string): void;
  found(): LongLine;
}

/** Ids and names are short; of anything longer this much is kept. */
const keptWord = 1_024;

/**
 * Reads an object as it passes, without keeping it, for its own members `id` and `method`: clients write the id last as
 * often as first.
 */
function createSkimmer(): Skimmer {
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  /** What stands between the object's own punctuation, as it is written. */
  let word = "";
  let name: string | undefined;
  let id: RpcId | undefined;
  let asks = false;
  const endMember = (): void => {
    const value = jsonOf(word);
    if (name === "id" && (typeof value === "string" || Number.isSafeInteger(value))) id = value as RpcId;
    if (name === "method" && typeof value === "string") asks = true;
    [name, word] = [undefined, ""];
  };
  const take = (char: string): void => {
    if (depth === 1 && word.length < keptWord) word += char;
    if (isEscaped) isEscaped = false;
    else if (char === "\\") isEscaped = isText;
    else if (char === '"') isText = !isText;
  };
  const punctuate = (char: string): void => {
    if (depth === 1 && (char === "," || char === "}")) endMember();
    if (depth === 1 && char === ":") [name, word] = [String(jsonOf(word)), ""];
    if (char === "{" || char === "[") depth += 1;
    if (char === "}" || char === "]") depth -= 1;
  };
  return {
    read(text) {
      for (const char of text) {
        if (isText || !"{}[],:".includes(char)) take(char);
        else punctuate(char);
      }
    },
    found: () => ({ id, asks }),
  };
}

function jsonOf(word: string): unknown {
  try {
    return JSON.parse(word);
  } catch {
    return undefined;
  }
}
