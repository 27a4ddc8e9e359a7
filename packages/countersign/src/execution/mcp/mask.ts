import { type JsonObject, parseJson } from "@countersign/contract";
import type { Relay } from "../connector.ts";
import { isObject } from "./wire.ts";

/** Keeps an upstream's own credentials out of what it tells agents while a call runs; results are the hall's to redact. */
export interface Mask {
  /** Takes note of a value that was sent to the upstream. */
  note(value: string): void;
  clean(message: JsonObject): JsonObject;
}

const shortest = 8;
const mostKept = 64;

export function createMask(): Mask {
  const known = new Set<string>();
  const add = (text: string) => {
    if (text.length < shortest) return;
    known.add(JSON.stringify(text).slice(1, -1));
    // Tokens are renewed; the oldest are no longer of use to anyone.
    if (known.size > mostKept) for (const oldest of known) return void known.delete(oldest);
  };
  return {
    note(value) {
      add(value);
      const space = value.indexOf(" ");
      if (space > 0) add(value.slice(space + 1));
    },
    clean(message) {
      const text = JSON.stringify(message);
      let masked = text;
      for (const secret of known) masked = masked.replaceAll(secret, "[secret]");
      if (masked === text) return message;
      const value = parseJson(masked, { maxBytes: Number.MAX_SAFE_INTEGER, maxDepth: 128 });
      return isObject(value) ? value : {};
    },
  };
}

export function maskRelay(relay: Relay, mask: Mask): Relay {
  return {
    notify: (message) => relay.notify(mask.clean(message)),
    request: (message) => relay.request(mask.clean(message)),
    ...(relay.letGo === undefined ? {} : { letGo: () => relay.letGo?.() }),
  };
}
