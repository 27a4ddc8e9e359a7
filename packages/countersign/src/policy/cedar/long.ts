import { EvaluationFault } from "./fault.ts";

/** Cedar's 64-bit integer: a number wherever a double holds it exactly, else a bigint. One integer has one form. */
export type Long = number | bigint;

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

export function isLong(value: unknown): value is Long {
  return typeof value === "number" || typeof value === "bigint";
}

/** The one form of an integer; a fault beyond 64 bits. */
export function toLong(value: bigint): Long {
  if (value < least || value > most) throw new EvaluationFault("integer overflow");
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

export function add(one: Long, other: Long): Long {
  if (typeof one === "number" && typeof other === "number") {
    const sum = one + other;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toLong(BigInt(one) + BigInt(other));
}

export function subtract(one: Long, other: Long): Long {
  if (typeof one === "number" && typeof other === "number") {
    const difference = one - other;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return toLong(BigInt(one) - BigInt(other));
}

export function multiply(one: Long, other: Long): Long {
  if (typeof one === "number" && typeof other === "number") {
    const product = one * other;
    // Adding 0 turns -0 into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return toLong(BigInt(one) * BigInt(other));
}

export function negate(value: Long): Long {
  return typeof value === "number" ? 0 - value : toLong(-value);
}

/** Quotient toward zero; `divisor` is a positive number of ours. */
export function divide(value: Long, divisor: number): Long {
  return typeof value === "number" ? Math.trunc(value / divisor) + 0 : toLong(value / BigInt(divisor));
}

/** The largest multiple of `step` that is not above the value; a fault where 64 bits do not hold it. */
export function floorTo(value: Long, step: number): Long {
  return subtract(value, remainder(value, step));
}

/** From 0 to below `step`, whatever the sign of the value. */
export function remainder(value: Long, step: number): Long {
  if (typeof value === "number") {
    const rest = value % step;
    return rest < 0 ? rest + step : rest + 0;
  }
  const rest = value % BigInt(step);
  return Number(rest < 0n ? rest + BigInt(step) : rest);
}
