import type { JsonObject } from "@countersign/contract";
import type { Definition } from "../../catalog/tool.ts";
import type { Clock } from "../../floor/clock.ts";
import { isObject } from "./wire.ts";

/** What a server says of its tools, asked again after a minute or where it says that they have changed. */
export interface Definitions {
  all(): Promise<readonly Definition[]>;
  forget(): void;
}

const ttlMs = 60_000;

export function createDefinitions(list: () => Promise<readonly JsonObject[]>, clock: Clock): Definitions {
  let cached: { readonly all: Promise<readonly Definition[]>; readonly untilMs: number } | undefined;
  return {
    all() {
      if (cached !== undefined && cached.untilMs > clock.tick()) return cached.all;
      const entry = { all: list().then((tools) => tools.flatMap(asDefinition)), untilMs: clock.tick() + ttlMs };
      cached = entry;
      entry.all.catch(() => {
        if (cached === entry) cached = undefined;
      });
      return entry.all;
    },
    forget() {
      cached = undefined;
    },
  };
}

function asDefinition(value: JsonObject): readonly Definition[] {
  const { name, inputSchema, outputSchema, ...rest } = value;
  if (typeof name !== "string" || !isObject(inputSchema)) return [];
  // Spread first, so that members keep the order in which the server gave them.
  return [{ ...value, ...rest, name, inputSchema, ...(isObject(outputSchema) ? { outputSchema } : {}) }];
}
