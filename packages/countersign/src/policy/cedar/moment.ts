import { matched } from "../matched.ts";
import { type Datetime, type Duration, datetimeOf, durationOf } from "./extension.ts";
import { EvaluationFault } from "./fault.ts";
import { toLong } from "./long.ts";

const datetimeForm = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?$/;

/** A day, or a second or millisecond of one, in UTC or with an offset of hours and minutes. */
export function parseDatetime(text: string): Datetime {
  const found = datetimeForm.exec(text);
  if (found === null) throw new EvaluationFault("it is no datetime");
  const at = (index: number): number => Number(found[index] ?? 0);
  const [year, month, day, hour, minute, second, ms] = [at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
  const [offsetHour, offsetMinute] = [at(9), at(10)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59)
    throw new EvaluationFault("it is no time of a day");
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw new EvaluationFault("there is no such day");
  const local = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
  const offsetMs = (offsetHour * 60 + offsetMinute) * 60_000 * (found[8] === "-" ? -1 : 1);
  return datetimeOf(local - offsetMs);
}

const durationForm = /^(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const unitsMs = [86_400_000n, 3_600_000n, 60_000n, 1_000n, 1n];

/** Days, hours, minutes, seconds and milliseconds, each at most once and in this order. */
export function parseDuration(text: string): Duration {
  const [sign, ...parts] = matched<[string, ...(string | undefined)[]]>(durationForm, text) ?? [];
  if (parts.every((part) => part === undefined)) throw new EvaluationFault("it is no duration");
  const size = unitsMs.reduce((sum, unit, at) => sum + unit * BigInt(parts[at] ?? 0), 0n);
  return durationOf(toLong(sign === "-" ? -size : size));
}
