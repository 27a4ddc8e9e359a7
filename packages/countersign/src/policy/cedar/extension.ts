import type { Ip } from "./ip.ts";
import type { Long } from "./long.ts";

/** Cedar's decimal: ten-thousandths. */
export interface Decimal {
  readonly kind: "decimal";
  readonly key: string;
  readonly units: bigint;
}

/** Milliseconds since 1970-01-01T00:00:00Z, or of a length of time. */
export interface Datetime {
  readonly kind: "datetime";
  readonly key: string;
  readonly ms: Long;
}

export interface Duration {
  readonly kind: "duration";
  readonly key: string;
  readonly ms: Long;
}

export type Extension = Ip | Decimal | Datetime | Duration;

export function datetimeOf(ms: Long): Datetime {
  return { kind: "datetime", key: `${ms}`, ms };
}

export function durationOf(ms: Long): Duration {
  return { kind: "duration", key: `${ms}`, ms };
}
