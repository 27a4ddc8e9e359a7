import type { Json, JsonObject } from "@countersign/contract";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON pointer one step further (RFC 6901). */
export function below(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** JSON pointers of everything in a value that holds nothing else, sorted. */
export function pathsOf(value: Json, pointer = ""): readonly string[] {
  const inner = Array.isArray(value)
    ? value.flatMap((one, at) => pathsOf(one, below(pointer, String(at))))
    : isObject(value)
      ? Object.entries(value).flatMap(([name, one]) => pathsOf(one, below(pointer, name)))
      : [];
  return inner.length === 0 ? [pointer] : inner.sort();
}
