import type { CheckFact, Json } from "@countersign/contract";
import { type Clock, systemClock } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import type { Check, CheckInput } from "./check.ts";
import type { KnownValues } from "./known-values.ts";
import type { Redacted } from "./redact.ts";
import { createSchemaCheck } from "./schema.ts";
import { createSecretReferenceCheck } from "./secret-reference.ts";
import { createScreen, createSecretsCheck } from "./secrets.ts";

export interface ChecksOptions {
  /** The values that the secrets room has handed out. */
  readonly known: KnownValues;
  readonly clock?: Clock;
  /** How long one check may take before its verdict is `error`. */
  readonly deadlineMs?: number;
  /** Checks besides `schema`, `secrets` and `secret-reference`; one of the same name takes its place. */
  readonly more?: readonly Check[];
}

export interface Checks {
  /** One fact for each name, in order. Never throws: a check that is not there, fails or is late has verdict `error`. */
  run(names: readonly string[], input: CheckInput): Promise<readonly CheckFact[]>;
  /** The value without its credentials, and without any known value in any form that is searched for. Never throws. */
  redact(value: Json): Redacted;
  readonly names: readonly string[];
}

export function createChecks({ known, clock = systemClock, deadlineMs = 2_000, more = [] }: ChecksOptions): Checks {
  const screen = createScreen({ known, clock });
  const shipped = [
    createSchemaCheck(screen, clock),
    createSecretsCheck(screen, clock),
    createSecretReferenceCheck(clock),
  ];
  const checks = new Map([...shipped, ...more].map((check) => [check.name, check]));
  return {
    names: [...checks.keys()],
    redact: screen.redact,
    run: (names, input) => Promise.all(names.map((name) => runOne(checks.get(name), name, input, clock, deadlineMs))),
  };
}

async function runOne(
  check: Check | undefined,
  name: string,
  input: CheckInput,
  clock: Clock,
  deadlineMs: number,
): Promise<CheckFact> {
  const started = clock.tick();
  const broken = (rule: string): CheckFact => ({
    name,
    version: check?.version ?? digestText("none"),
    verdict: "error",
    at: input.at,
    evidence: [{ pointer: "", rule }],
    microseconds: Math.round((clock.tick() - started) * 1000),
    argsDigest: input.digest,
  });
  if (check === undefined) return broken("check-unknown");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckFact>((resolve) => {
    timer = setTimeout(() => resolve(broken("check-late")), deadlineMs);
  });
  try {
    return await Promise.race([check.run(input), late]);
  } catch (thrown) {
    // The fault may quote what was checked, so only its kind is told.
    return broken(thrown instanceof Error && thrown.name === "ScanLimit" ? "check-too-much" : "check-fault");
  } finally {
    clearTimeout(timer);
  }
}
