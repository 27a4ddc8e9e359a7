import { matched } from "../matched.ts";
import type { Decimal } from "./extension.ts";
import { EvaluationFault } from "./fault.ts";

const form = /^(-?)(\d+)\.(\d{1,4})$/;
const most = 2n ** 63n - 1n;

/** One to four decimal places, within 64 bits of ten-thousandths. */
export function parseDecimal(text: string): Decimal {
  const found = matched<[sign: string, whole: string, part: string]>(form, text);
  if (found === undefined) throw new EvaluationFault("it is no decimal");
  const [sign, whole, part] = found;
  const size = BigInt(whole + part.padEnd(4, "0"));
  const units = sign === "-" ? -size : size;
  if (units > most || units < -most - 1n) throw new EvaluationFault("decimal overflow");
  return { kind: "decimal", key: `${units}`, units };
}
