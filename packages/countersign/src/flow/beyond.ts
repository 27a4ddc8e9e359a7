import type { Confidentiality } from "@countersign/contract";
import type { Destination } from "../catalog/index.ts";
import { endorses } from "./endorse.ts";
import { isInTask } from "./in-task.ts";
import { isSmallNumber } from "./named-number.ts";
import type { Words } from "./words.ts";

/** One answer that a family has read. */
export interface Reading {
  readonly tool: string;
  /** The arguments of its call, where they say which record it is about; empty where it is about a list or nothing. */
  readonly about: readonly Destination[];
  readonly confidentiality: Confidentiality;
  /** What its trusted members say, by which another record may be called. */
  readonly refers: readonly string[];
}

interface Waiting {
  readonly reading: Reading;
  /** The arguments before this one are named. */
  next: number;
}

/**
 * What a family has read beyond the records that its task names: by a value of the task, by one that a person let a
 * call go to, or by what a trusted member of such a record says. What is named once stays so.
 */
export class Beyond {
  readonly task: Words;
  readonly #names = new Set<string>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #unnamed = new Set<Reading>();

  constructor(task: Words) {
    this.task = task;
  }

  has(label: Confidentiality): boolean {
    for (const { confidentiality } of this.#unnamed) if (confidentiality === label) return true;
    return false;
  }

  read(reading: Reading): void {
    this.#unnamed.add(reading);
    // What is about no record is named by nothing.
    if (reading.about.length > 0) this.#settle([{ reading, next: 0 }]);
  }

  /** A person or a record says these. */
  name(values: readonly string[]): void {
    this.#settle(values.flatMap((value) => this.#named(value)));
  }

  // Each reading goes on where it stopped, and waits for one value at a time: the work is linear in what was read.
  #settle(freed: Waiting[]): void {
    for (let one = freed.pop(); one !== undefined; one = freed.pop()) {
      const missing = this.#missing(one);
      if (missing !== undefined) this.#await(missing, one);
      else {
        this.#unnamed.delete(one.reading);
        for (const value of one.reading.refers) for (const next of this.#named(value)) freed.push(next);
      }
    }
  }

  #await(name: string, one: Waiting): void {
    const others = this.#waiting.get(name);
    if (others === undefined) this.#waiting.set(name, [one]);
    else others.push(one);
  }

  /** Who waits for a value that is named from now on. */
  #named(value: string): readonly Waiting[] {
    const name = value.toLowerCase();
    this.#names.add(name);
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    return waiting;
  }

  #missing(one: Waiting): string | undefined {
    const { about, tool } = one.reading;
    for (; one.next < about.length; one.next++) {
      const argument = about[one.next] as Destination;
      const name = String(argument.value).toLowerCase();
      // A day is no record: whose data is on it nobody has said.
      if (endorses({ type: "date" }, argument.value)) return name;
      if (!this.#names.has(name) && !isInTask(this.task, argument, tool)) return name;
    }
    return undefined;
  }
}

const longestName = 256;

/** Whether a value may be what a record is called: a word alone is what many records say, and a small number anything. */
export function mayName(value: string): boolean {
  return value.length <= longestName && /[\d@]/.test(value) && !isSmallNumber([value]);
}
