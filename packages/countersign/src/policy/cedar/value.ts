import type { Extension } from "./extension.ts";
import { isLong, type Long } from "./long.ts";

/** What a Cedar expression can be. */
export type Value = string | boolean | Long | Entity | CedarSet | CedarRecord | Extension;

/** A reference to an entity. */
export class Entity {
  readonly type: string;
  readonly id: string;

  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
  }

  /** Whether it is a reference to the same. Types are few, so their ids are looked at first. */
  is(other: Entity): boolean {
    return this.id === other.id && this.type === other.type;
  }

  /** Equal for equal references and for no others: no type holds a NUL, so the first one ends it. */
  get key(): string {
    return `${this.type}\0${this.id}`;
  }
}

export interface CedarRecord {
  readonly kind: "record";
  get(name: string): Value | undefined;
  has(name: string): boolean;
  names(): readonly string[];
}

/** A record whose values are all known. */
export class RecordValue implements CedarRecord {
  readonly kind = "record";
  readonly #members: ReadonlyMap<string, Value>;

  constructor(members: ReadonlyMap<string, Value>) {
    this.#members = members;
  }

  get(name: string): Value | undefined {
    return this.#members.get(name);
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  names(): readonly string[] {
    return [...this.#members.keys()];
  }
}

/** A set: no order, nothing twice. */
export class CedarSet {
  readonly kind = "set";
  readonly #items: readonly Value[];
  #keys: ReadonlySet<string> | undefined;

  constructor(items: readonly Value[]) {
    this.#items = items;
  }

  get items(): readonly Value[] {
    return this.#items;
  }

  has(value: Value): boolean {
    // Text is compared as it is; only other kinds need a key that stands for the value.
    if (typeof value === "string" && this.#keys === undefined && this.#items.length < 16)
      return this.#items.includes(value);
    return this.keys().has(keyOf(value));
  }

  keys(): ReadonlySet<string> {
    this.#keys ??= new Set(this.#items.map(keyOf));
    return this.#keys;
  }
}

export function kindOf(value: Value): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (isLong(value)) return "long";
  if (value instanceof Entity) return `entity of type ${value.type}`;
  return value.kind;
}

/** Values of different kinds are never equal, and comparing them is no fault. */
export function isEqual(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  if (one instanceof Entity) return other instanceof Entity && one.is(other);
  if (other instanceof Entity || one.kind !== other.kind) return false;
  return keyOf(one) === keyOf(other);
}

/** A text that is equal for equal values and for no others. */
export function keyOf(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return `${value}`;
  if (value instanceof Entity) return `@${JSON.stringify(value.key)}`;
  switch (value.kind) {
    case "set":
      return `[${[...value.keys()].sort().join()}]`;
    case "record":
      return `{${[...value.names()]
        .sort()
        .map((name) => `${JSON.stringify(name)}:${keyOf(value.get(name) as Value)}`)
        .join()}}`;
    default:
      return `${value.kind}(${value.key})`;
  }
}
