import { isCurrency } from "./named-number.ts";
import type { Words } from "./words.ts";

const most = 15;

/** Whether a task says an amount that a tool takes in the smallest unit: 3500 cents are `35 EUR` or `35.00 EUR`, and `3500` where a parameter is that. */
export function saysAmount(task: Words, value: string | number, decimals: number): boolean {
  const digits = String(value);
  if (!/^\d+$/.test(digits) || digits.length > most) return false;
  const padded = digits.padStart(decimals + 1, "0");
  const whole = padded.slice(0, -decimals).replace(/^0+(?=\d)/, "");
  const rest = padded.slice(-decimals);
  const written = [`${whole}.${rest}`, ...(/^0+$/.test(rest) ? [whole] : [])];
  return task.hasLine([digits]) || written.some((one) => task.hasBetween(one, (_, after) => isCurrency(after)));
}
