import type { CheckFact, Json } from "@countersign/contract";
import { type Clock, systemClock } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import type { Check, CheckInput } from "./check.ts";
import { promiseOf } from "./context-rules.ts";
import { createKnownSearch } from "./known-search.ts";
import { type KnownValues, noKnownValues } from "./known-values.ts";
import { looksSecret, looksSecretKey } from "./placeholder.ts";
import { type Find, type Place, type Redacted, redact } from "./redact.ts";
import { type Budget, decodingDepth, ScanLimit, scanText } from "./scan-text.ts";
import { secretlintRules } from "./secretlint.ts";
import { looseRules, tokenRules } from "./token-rules.ts";
import type { Found } from "./view.ts";

export interface ScreenOptions {
  readonly known?: KnownValues;
  readonly clock?: Clock;
  /** Milliseconds of work on one value, after which it counts as not scanned. */
  readonly budgetMs?: number;
  /** Characters of one value with everything decoded from it, after which it counts as not scanned. */
  readonly budgetChars?: number;
}

/** Finds credentials in values and cuts them out; one scan serves the check and the redaction of the same object. */
export interface Screen {
  /** Throws `ScanLimit` where the value is too much to scan. */
  inspect(value: Json): Redacted;
  /** Never throws: what cannot be scanned goes as a whole. */
  redact(value: Json): Redacted;
}

const unscanned = "[redacted: unscanned]";

export function createScreen(options: ScreenOptions = {}): Screen {
  const known = options.known ?? noKnownValues;
  const search = createKnownSearch(known);
  const clock = options.clock ?? systemClock;
  const seen = new WeakMap<object, { readonly revision: number; readonly redacted: Redacted }>();

  function inspect(value: Json): Redacted {
    const before = isObject(value) ? seen.get(value) : undefined;
    if (before !== undefined && before.revision === known.revision) return before.redacted;
    const budget = createBudget(clock, options.budgetMs ?? 1_500, options.budgetChars ?? 33_554_432);
    const redacted = redact(
      value,
      finder((text) => scanText(text, search, budget)),
    );
    if (isObject(value)) seen.set(value, { revision: known.revision, redacted });
    return redacted;
  }

  return {
    inspect,
    redact(value) {
      try {
        return inspect(value);
      } catch {
        return { value: unscanned, count: 1, rules: ["unscanned"], evidence: [{ pointer: "", rule: "unscanned" }] };
      }
    },
  };
}

/** The check `secrets`: fails where an argument or a result holds a credential. */
export function createSecretsCheck(screen: Screen, clock: Clock = systemClock): Check {
  return {
    name: "secrets",
    version: secretsVersion,
    async run(input: CheckInput): Promise<CheckFact> {
      const started = clock.tick();
      const { evidence, count } = screen.inspect(input.value);
      return {
        name: "secrets",
        version: secretsVersion,
        verdict: count === 0 ? "pass" : "fail",
        at: input.at,
        evidence: evidence.slice(0, 50),
        microseconds: Math.round((clock.tick() - started) * 1000),
        argsDigest: input.digest,
      };
    },
  };
}

/** Digest of every rule in force. */
export const secretsVersion = digestText(
  JSON.stringify([
    4,
    decodingDepth,
    secretlintRules,
    tokenRules.map((rule) => [rule.id, rule.pattern.source]),
    looseRules.map((rule) => [rule.id, rule.pattern.source]),
  ]),
);

function finder(scan: (text: string) => Found[]): Find {
  return (text: string, place: Place) => {
    const found = scan(text);
    if (found.length > 0 || place.name === undefined) return found;
    const promise = promiseOf(place.name);
    if (promise === undefined) return found;
    // What lies below a weak name is as good as always a table of what the name is about.
    if (place.isKey ? promise !== "strong" || !looksSecretKey(text) : !looksSecret(text, promise)) return found;
    return [{ rule: "credential-field", start: 0, end: text.length }];
  };
}

function createBudget(clock: Clock, ms: number, chars: number): Budget {
  const until = clock.tick() + ms;
  let left = chars;
  let unclocked = 0;
  return {
    spend(amount) {
      left -= amount;
      unclocked += amount;
      if (left < 0) throw new ScanLimit("the value is too large to scan");
      if (unclocked < 16_384) return;
      unclocked = 0;
      if (clock.tick() > until) throw new ScanLimit("the scan took too long");
    },
  };
}

function isObject(value: Json): value is Exclude<Json, null | boolean | number | string> {
  return typeof value === "object" && value !== null;
}
