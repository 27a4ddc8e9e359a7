import type { BundledEntry } from "./bundle.ts";
import { canonical } from "./canonical.ts";
import type { Json, JsonObject } from "./json.ts";
import { toldAt } from "./recorded.ts";
import { documentDepth } from "./shape.ts";

/** Members of the receipt of a deed of people that say something else than its entry, as JSON pointers. */
export function compareDeed(receipt: JsonObject, [entry]: readonly BundledEntry[]): readonly string[] {
  if (entry === undefined) return ["/id"];
  const { leaf, payload } = entry;
  const { person, agent, workflow, tool } = leaf;
  const recorded = new Map<string, Json | undefined>([
    ["id", leaf.subject],
    ["kind", leaf.kind],
    ["at", toldAt(leaf.at)],
    ...Object.entries({ person, agent, workflow, tool }).map(([name, said]) => [name, said ?? null] as const),
    ["payload", payload ?? null],
  ]);
  return [...recorded].filter(([name, value]) => text(receipt[name]) !== text(value)).map(([name]) => `/${name}`);
}

function text(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : canonical(value, documentDepth);
}
