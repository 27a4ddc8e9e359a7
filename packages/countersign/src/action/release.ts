import { dropClaims } from "./claim-sql.ts";
import type { Parts } from "./parts.ts";

/** Gives claims on identical calls back once their answer reached its caller, a few at a time and never awaited. */
export interface Releaser {
  /** The claim of this action only: by then the name may be another's. */
  release(name: string, action: string): void;
  flush(): Promise<void>;
}

const releasers = new WeakMap<Parts, Releaser>();

export function releaser(parts: Parts): Releaser {
  const known = releasers.get(parts);
  if (known !== undefined) return known;
  const names = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    timer = undefined;
    const going = [...names];
    if (going.length === 0) return;
    try {
      await dropClaims(parts.db, going);
      for (const [action] of going) names.delete(action);
    } catch (cause) {
      parts.log.warn({ cause: String(cause) }, "claims of delivered answers could not be given back yet");
      timer = setTimeout(() => void flush(), 1000);
      timer.unref();
    }
  };
  const made: Releaser = {
    release(name, action) {
      names.set(action, name);
      timer ??= setTimeout(() => void flush(), 50);
      timer.unref();
    },
    flush,
  };
  releasers.set(parts, made);
  return made;
}
