import type { Beside } from "./named-number.ts";
import { tokensOf } from "./tokens.ts";

const longestNeighbour = 64;

/** Texts in which a value can be found again by whole words, never by a part of one. */
export class Words {
  #lines: string[] = [];
  #joined = "";
  #size = 0;
  readonly #limit: number;

  /** `limit`: how many characters are kept; what comes later is not found. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** One value, or one line of a text. */
  add(text: string): void {
    for (const line of text.split(/\r?\n/)) {
      if (this.#size >= this.#limit) return;
      const tokens = tokensOf(line);
      if (tokens.length === 0) continue;
      const kept = ` ${tokens.join(" ")} `;
      if (this.#size + kept.length > this.#limit) return;
      this.#size += kept.length + 1;
      this.#lines.push(kept);
    }
  }

  /** Whether these words stand here one after the other. */
  has(tokens: readonly string[]): boolean {
    return tokens.length > 0 && this.#text().includes(` ${tokens.join(" ")} `);
  }

  /** Whether one word stands here beside others that fit. */
  hasBetween(token: string, fits: (beside: Beside) => boolean): boolean {
    const text = this.#text();
    const word = ` ${token} `;
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + token.length)) {
      const [before = "", second = ""] = text
        .slice(Math.max(0, at - 2 * longestNeighbour - 1), at)
        .split(/[ \n]/)
        .map((word) => word.slice(-longestNeighbour))
        .reverse();
      const from = at + word.length;
      const after = text.slice(from, from + longestNeighbour).split(/[ \n]/)[0] as string;
      if (fits({ second, before, after })) return true;
    }
    return false;
  }

  /** Whether they are a whole line, or a whole value. */
  hasLine(tokens: readonly string[]): boolean {
    return tokens.length > 0 && this.#text().includes(`\n ${tokens.join(" ")} \n`);
  }

  /** All of it, by which two are told apart. */
  get text(): string {
    return this.#text();
  }

  #text(): string {
    if (this.#lines.length > 0) {
      this.#joined += `${this.#joined === "" ? "\n" : ""}${this.#lines.join("\n")}\n`;
      this.#lines = [];
    }
    return this.#joined;
  }
}
