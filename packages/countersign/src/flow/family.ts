import { type Confidentiality, canonical, type Json, type Origin } from "@countersign/contract";
import type { Destination, ResultLabels } from "../catalog/index.ts";
import { Beyond, mayName, type Reading } from "./beyond.ts";
import { endorses } from "./endorse.ts";
import { isLetter, standsInTask } from "./in-task.ts";
import { spellingsOf } from "./tokens.ts";
import { valuesOf } from "./values.ts";
import { Words } from "./words.ts";

/** One action of a family that has ended: what its answer says, and where a person let it go. */
export interface Seen {
  readonly tool?: string;
  /** What its call says that the answer is about. */
  readonly about?: readonly Destination[];
  readonly labels?: ResultLabels;
  readonly result?: Json;
  /** The places that a person let its call go to, all of them as one (`placesOf`). */
  readonly approved?: string;
  /** The places of what it did and nothing undoes (`doneAt`). */
  readonly done?: string | undefined;
  /** About how many characters the answer has. */
  readonly size: number;
  /** It read something, and what cannot be told any more: it was erased, or its tool is gone. */
  readonly isLost?: true;
}

/** Which actions of a family need not be listed again. */
export interface Listed {
  /** All up to this one are known. */
  readonly floor: string;
  /** Those above it, in order, that were the first ones above it when they were listed. */
  readonly known: readonly string[];
}

const mostOfTask = 1_000_000;
const mostOfAnswers = 4_000_000;
const mostWaiting = 1_000_000;
/** Characters by which a call may say what its answer is about. Beyond that it is about nothing that anybody names. */
const mostAbout = 2_000;

/** Where the values of a family of runs came from. Owned by `Families`. */
export class Family {
  readonly #seen = new Set<string>();
  readonly #trusted = new Words(mostOfAnswers);
  readonly #untrusted = new Words(mostOfAnswers);
  readonly #approved = new Set<string>();
  readonly #done = new Set<string>();
  readonly #readings: Reading[] = [];
  readonly #letGo: string[] = [];
  #beyond: Beyond | undefined;
  #referring = 0;
  #told = 0;
  readonly #accounted = new Set<Confidentiality>();
  #waiting: Pick<Required<Seen>, "labels" | "result" | "tool" | "about">[] = [];
  #waitingSize = 0;
  #isLost = false;
  #listed: Listed = { floor: "act_", known: [] };

  get listed(): Listed {
    return this.#listed;
  }

  /**
   * Takes those that were listed after what had been listed before, in order, up to the first that is not known. None
   * stands before `settled` that was not listed: below it nobody writes a first entry any more.
   */
  list({ floor, known }: Listed, listed: readonly string[], settled: string): void {
    const first = listed.findIndex((action) => !this.knows(action));
    const all = [...known, ...(first === -1 ? listed : listed.slice(0, first))];
    const open = all.findIndex((action) => action >= settled);
    const next = open === -1 ? all.length : open;
    // Whoever looked earlier and comes later lists less.
    const raised = all[next - 1] ?? floor;
    if (raised >= this.#listed.floor) this.#listed = { floor: raised, known: all.slice(next) };
  }

  get size(): number {
    return this.#waitingSize + this.#trusted.size + this.#untrusted.size + this.#referring + this.#told;
  }

  knows(action: string): boolean {
    return this.#seen.has(action);
  }

  /** An answer is read when something asks where a value came from, not when it comes. */
  add(action: string, { tool = "", about = [], labels, result = null, approved, done, size, isLost }: Seen): void {
    if (this.#seen.has(action)) return;
    this.#seen.add(action);
    if (isLost === true) this.lose();
    if (done !== undefined) this.#done.add(done);
    if (approved !== undefined) {
      this.#approved.add(approved);
      const names = namesIn(approved);
      this.#letGo.push(...names);
      this.#beyond?.name(names);
    }
    if (labels === undefined) return;
    const said = about.reduce((sum, { value }) => sum + String(value).length, 0);
    this.#waiting.push({ tool, about: said <= mostAbout ? about : [], labels, result });
    this.#waitingSize += size;
    if (said <= mostAbout) this.#told += said;
    // Answers weigh more than their words.
    if (this.#waitingSize > mostWaiting) this.#read();
  }

  /** Some of its actions are known to nobody here, and what they read neither: from now on, since they are never listed again. */
  lose(): void {
    this.#isLost = true;
  }

  /** Whether a person let a call go to all of these places before. */
  approves(places: string): boolean {
    return this.#approved.has(places);
  }

  /** Whether it did just this before, or may have: a task that asks for what nothing undoes asks for it once. */
  hasDone(places: string): boolean {
    return this.#isLost || this.#done.has(places);
  }

  originOf({ at, value, endorse }: Destination, task: Words, tool: string): Origin {
    if (endorse !== undefined && endorses(endorse, value)) return "endorsed";
    this.#read();
    const origins = spellingsOf(value).map((tokens) => this.#originOf(tokens, task, tool, at));
    return order.find((origin) => origins.includes(origin)) ?? "none";
  }

  #originOf(tokens: readonly string[], task: Words, tool: string, at: string): Origin {
    const [first = ""] = tokens;
    if (standsInTask(task, tokens, tool, at)) return "task";
    if (isLetter(tokens)) return "none";
    // A number or a few letters mean something only as a whole value: else every count would name an object.
    const isShort = tokens.length === 1 && (/^-?[\d.]+$/.test(first) || first.length < 4);
    const isIn = (words: Words) => (isShort ? words.hasLine(tokens) : words.has(tokens));
    if (isIn(this.#trusted)) return "trusted";
    return isIn(this.#untrusted) ? "untrusted" : "none";
  }

  #read(): void {
    for (const { tool, about, labels, result } of this.#waiting) {
      const refers: string[] = [];
      for (const { text, integrity } of valuesOf(result, labels)) {
        if (integrity === "trusted") {
          this.#trusted.add(text);
          if (mayName(text) && this.#referring + text.length <= mostOfAnswers) {
            this.#referring += text.length;
            refers.push(text);
          }
        } else if (integrity === "untrusted") this.#untrusted.add(text);
      }
      const reading = { tool, about, confidentiality: labels.confidentiality, refers };
      this.#readings.push(reading);
      this.#beyond?.read(reading);
      this.#accounted.add(labels.confidentiality);
    }
    this.#waiting = [];
    this.#waitingSize = 0;
  }

  /**
   * Of the kinds of data that a family has read, those that it read of records which neither this task nor a person
   * names. What no answer here accounts for is named by nobody, nor is anything where not all of them are known: where
   * one was lost, or `isWhole` is false.
   */
  beyond(task: Words, marked: readonly Confidentiality[], isWhole: boolean): readonly Confidentiality[] {
    if (this.#isLost || !isWhole) return marked;
    this.#read();
    const known = this.#beyond?.task.text === task.text ? this.#beyond : this.#beyondOf(task);
    // A label that no mark has was another one when the answer was read.
    if (!marked.includes("secret") && known.has("secret")) return marked;
    return marked.filter((label) => known.has(label) || !this.#accounted.has(label));
  }

  #beyondOf(task: Words): Beyond {
    const beyond = new Beyond(task);
    beyond.name(this.#letGo);
    for (const reading of this.#readings) beyond.read(reading);
    this.#beyond = beyond;
    return beyond;
  }
}

/** The places of `placesOf` that may be what a record is called. */
function namesIn(places: string): readonly string[] {
  const [, , named] = JSON.parse(places) as readonly [string, string, readonly (readonly [string, string | number])[]];
  return named.map(([, value]) => String(value)).filter(mayName);
}

const order: readonly Origin[] = ["task", "trusted", "untrusted"];

const mostFamilies = 500;
const mostCharacters = 24_000_000;

/** The families that this replica has seen lately. What it forgets, it reads again from the ledger. */
export class Families {
  readonly #families = new Map<string, Family>();
  readonly #most: number;

  /** `most`: how many characters all of them may hold. */
  constructor(most = mostCharacters) {
    this.#most = most;
  }

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
      if (family === kept || (this.#families.size <= mostFamilies && size <= this.#most)) continue;
      size -= family.size;
      this.#families.delete(root);
    }
  }
}

/**
 * The places that a call of a workflow goes to and that no rule lets anybody choose, as one name. A yes to two of them is
 * no yes to the one with the amount of the other.
 */
export function placesOf(workflow: string, tool: string, destinations: readonly Destination[]): string {
  const places = destinations.flatMap(({ at, value, endorse }) =>
    endorse !== undefined && endorses(endorse, value) ? [] : [[at, value]],
  );
  return canonical([workflow, tool, places]);
}

/** What a run is for, as a trusted channel said it. */
export function taskWords(texts: readonly string[], parameters: Json): Words {
  const words = new Words(mostOfTask);
  for (const text of texts) words.add(text.replaceAll(/\s+/g, " "));
  for (const { text } of valuesOf(parameters, { integrity: "trusted", confidentiality: "public", fields: [] }))
    words.add(text);
  return words;
}
