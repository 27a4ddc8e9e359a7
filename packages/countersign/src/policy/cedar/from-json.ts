import type { CedarValueJson } from "@cedar-policy/cedar-wasm/nodejs";
import { EvaluationFault } from "./fault.ts";
import { callExtension } from "./functions.ts";
import { type CedarRecord, CedarSet, Entity, type Value } from "./value.ts";

type Members = { readonly [name: string]: CedarValueJson };

/** A value as policies and requests write it. Escapes are read: only for what this product wrote itself. */
export function fromJson(json: CedarValueJson): Value {
  if (typeof json === "string" || typeof json === "boolean") return json;
  if (typeof json === "number") {
    if (!Number.isSafeInteger(json)) throw new EvaluationFault("a number that is no exact integer");
    return json + 0;
  }
  if (Array.isArray(json)) return new CedarSet(json.map(fromJson));
  if (json === null) throw new EvaluationFault("null is no value");
  const entity = ownMember(json, "__entity");
  if (isMembers(entity)) return new Entity(String(entity.type), String(entity.id));
  const call = ownMember(json, "__extn");
  if (isMembers(call)) {
    const args = Array.isArray(call.args) ? call.args : [call.arg as CedarValueJson];
    return callExtension(String(call.fn), args.map(fromJson));
  }
  return new JsonRecord(json as Members);
}

function ownMember(json: object, name: string): unknown {
  return Object.hasOwn(json, name) ? (json as { readonly [name: string]: unknown })[name] : undefined;
}

function isMembers(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A record that is read as far as policies read it: most of a request is never looked at. */
export class JsonRecord implements CedarRecord {
  readonly kind = "record";
  readonly #members: Members;
  // The record that was read last: policies read `context.facts` and what is in it again and again.
  #within: { readonly name: string; readonly record: JsonRecord } | undefined;

  constructor(members: Members) {
    this.#members = members;
  }

  get(name: string): Value | undefined {
    if (this.#within?.name === name) return this.#within.record;
    if (!Object.hasOwn(this.#members, name)) return undefined;
    const value = fromJson(this.#members[name] as CedarValueJson);
    if (value instanceof JsonRecord) this.#within = { name, record: value };
    return value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  names(): readonly string[] {
    return Object.keys(this.#members);
  }
}
