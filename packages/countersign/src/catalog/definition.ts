import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import type { Definition } from "./tool.ts";

const usableName = /^[A-Za-z0-9_.\-/:]{1,128}$/;

/** `sha256:…` of the canonical definition, every member of it; undefined where it or its name cannot be relied on. */
export function digestDefinition(definition: Definition): string | undefined {
  if (!usableName.test(definition.name)) return undefined;
  try {
    return digestText(canonical(asJson(definition)));
  } catch {
    return undefined;
  }
}

/** A member of `tools/list`, or undefined where it is none: a name, and an object as input schema. */
export function readDefinition(listed: unknown): Definition | undefined {
  if (!isMembers(listed) || typeof listed.name !== "string" || listed.name === "") return undefined;
  const { name, inputSchema } = listed;
  if (!isMembers(inputSchema)) return undefined;
  return { ...listed, name, inputSchema };
}

/** Names that a server lists more than once: which of the definitions it would run is not known. */
export function doubledNames(definitions: readonly Definition[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const { name } of definitions) {
    if (seen.has(name)) doubled.add(name);
    seen.add(name);
  }
  return doubled;
}

function isMembers(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A definition comes out of a JSON answer; `canonical` refuses whatever is not JSON. */
export function asJson(definition: Definition): JsonObject {
  return definition as { readonly [member: string]: Json };
}
