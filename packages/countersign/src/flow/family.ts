import type { Json, Origin } from "@countersign/contract";
import type { Destination, ResultLabels } from "../catalog/index.ts";
import { endorses } from "./endorse.ts";
import { isSmallNumber, namesNumber, wordsOfPlace } from "./named-number.ts";
import { tokensOf } from "./tokens.ts";
import { valuesOf } from "./values.ts";
import { Words } from "./words.ts";

/** One action of a family that has ended: what its answer says, and the values that a person approved in it. */
export interface Seen {
  readonly labels?: ResultLabels;
  readonly result?: Json;
  readonly approved: readonly (string | number)[];
  /** About how many characters the answer has. */
  readonly size: number;
}

const mostOfTask = 1_000_000;
const mostOfAnswers = 4_000_000;

/** Where the values of a family of runs came from. Owned by `Families`. */
export class Family {
  readonly #seen = new Set<string>();
  readonly #trusted = new Words(mostOfAnswers);
  readonly #untrusted = new Words(mostOfAnswers);
  readonly #approved = new Words(mostOfTask);
  #waiting: Seen[] = [];
  #waitingSize = 0;

  get size(): number {
    return this.#waitingSize + this.#trusted.size + this.#untrusted.size + this.#approved.size;
  }

  knows(action: string): boolean {
    return this.#seen.has(action);
  }

  /** An answer is read when something asks where a value came from, not when it comes. */
  add(action: string, seen: Seen): void {
    if (this.#seen.has(action)) return;
    this.#seen.add(action);
    this.#waiting.push(seen);
    this.#waitingSize += seen.size;
  }

  originOf({ at, value, endorse }: Destination, task: Words, tool: string): Origin {
    if (endorse !== undefined && endorses(endorse, value)) return "endorsed";
    const tokens = tokensOf(String(value));
    if (typeof value === "string" && isDisguised(value, tokens)) return "none";
    this.#read();
    const [first = ""] = tokens;
    if (tokens.length === 0) return "none";
    // A single letter is in every text, and a whole value only where a parameter is one.
    if (tokens.length === 1 && /^\p{L}$/u.test(first)) return task.hasLine(tokens) ? "task" : "none";
    if (isTask(task, tokens, tool, at)) return "task";
    if (this.#approved.hasLine(tokens)) return "approved";
    // A number or a few letters mean something only as a whole value: else every count would name an object.
    const isShort = tokens.length === 1 && (/^-?[\d.]+$/.test(first) || first.length < 4);
    const isIn = (words: Words) => (isShort ? words.hasLine(tokens) : words.has(tokens));
    if (isIn(this.#trusted)) return "trusted";
    return isIn(this.#untrusted) ? "untrusted" : "none";
  }

  #read(): void {
    for (const { labels, result, approved } of this.#waiting) {
      for (const value of approved) this.#approved.add(String(value).replaceAll(/\s+/g, " "));
      if (result === undefined || labels === undefined) continue;
      for (const { text, integrity } of valuesOf(result, labels)) {
        if (integrity === "trusted") this.#trusted.add(text);
        else if (integrity === "untrusted") this.#untrusted.add(text);
      }
    }
    this.#waiting = [];
    this.#waitingSize = 0;
  }
}

function isTask(task: Words, tokens: readonly string[], tool: string, at: string): boolean {
  if (!isSmallNumber(tokens)) return task.has(tokens);
  const place = wordsOfPlace(tool, at);
  const [number = ""] = tokens;
  return task.hasLine(tokens) || task.hasBetween(number, (before, after) => namesNumber(before, after, place));
}

/**
 * What programs read otherwise than it looks, or as more than one place, is nowhere that anybody named. A text may end
 * a sentence, a value ends with its last letter.
 */
function isDisguised(value: string, tokens: readonly string[]): boolean {
  const last = tokens.at(-1) ?? "";
  const isTrimmed = !value.toLowerCase().replace(/\/$/, "").endsWith(last) && !/^-?[\d.]+$/.test(last);
  return isTrimmed || value.includes("*") || /\p{Cf}/u.test(value) || value.normalize("NFKC") !== value;
}

const mostFamilies = 500;
const mostCharacters = 48_000_000;

/** The families that this replica has seen lately. What it forgets, it reads again from the ledger. */
export class Families {
  readonly #families = new Map<string, Family>();

  of(root: string): Family {
    const family = this.#families.get(root) ?? new Family();
    this.#families.delete(root);
    this.#families.set(root, family);
    this.#forget(family);
    return family;
  }

  #forget(kept: Family): void {
    let size = 0;
    for (const family of this.#families.values()) size += family.size;
    for (const [root, family] of this.#families) {
      if (family === kept || (this.#families.size <= mostFamilies && size <= mostCharacters)) continue;
      size -= family.size;
      this.#families.delete(root);
    }
  }
}

/** What a run is for, as a trusted channel said it. */
export function taskWords(texts: readonly string[], parameters: Json): Words {
  const words = new Words(mostOfTask);
  for (const text of texts) words.add(text.replaceAll(/\s+/g, " "));
  for (const { text } of valuesOf(parameters, { integrity: "trusted", confidentiality: "public", fields: [] }))
    words.add(text);
  return words;
}
