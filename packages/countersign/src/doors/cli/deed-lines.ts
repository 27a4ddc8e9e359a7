import type { DeedReceipt } from "@countersign/client";
import { line, lines, type Paint } from "./paint.ts";

const mostLines = 80;
const gap = "   ";

/** The receipt of a deed of people: who did what and when, and what was recorded of it, member by member. */
export function deedLines(deed: DeedReceipt, paint: Paint): readonly string[] {
  const about = (["agent", "workflow", "tool"] as const).flatMap((name) => {
    const value = deed[name];
    return value === null ? [] : fact(paint, name, line(value));
  });
  return [
    `receipt ${paint.bold(line(deed.id))}  ${line(deed.kind.replaceAll("_", " "))}`,
    "",
    ...fact(paint, "by", line(deed.person ?? "countersign itself")),
    ...fact(paint, "at", line(deed.at)),
    ...about,
    ...recorded(deed, paint),
  ].map((one, at) => (at < 2 ? one : gap + one));
}

function recorded({ disclosed, withheld, payload }: DeedReceipt, paint: Paint): readonly string[] {
  if (!disclosed) return ["what it said was erased"];
  if (withheld.length > 0) return ["what was recorded of it is not shown to you"];
  const said = membersOf(payload, paint);
  return said.length <= mostLines
    ? said
    : [...said.slice(0, mostLines), paint.dim(`… ${said.length - mostLines} lines more: --json has all`)];
}

/** Every member in a line of its own, what lies within it below; what is not there is left out. */
function membersOf(value: unknown, paint: Paint): readonly string[] {
  if (typeof value !== "object" || value === null)
    return value === null || value === undefined ? [] : lines(plain("", value));
  return Object.entries(value).flatMap(([name, member]) => {
    const label = nameOf(name);
    if (member === null || member === undefined) return [];
    if (typeof member !== "object") return fact(paint, label, plain(name, member));
    const parts: readonly unknown[] = Array.isArray(member) ? member : [];
    if (Array.isArray(member) && parts.every((one) => typeof one !== "object"))
      return fact(paint, label, parts.length === 0 ? "none" : parts.map((one) => plain("", one)).join(", "));
    const within = Array.isArray(member) ? parts.map((one) => membersOf(one, paint)) : [membersOf(member, paint)];
    return [
      paint.dim(label),
      ...within.flatMap((block) => block.map((one, at) => `${at === 0 && within.length > 1 ? "- " : "  "}${one}`)),
    ];
  });
}

function fact(paint: Paint, label: string, value: string): readonly string[] {
  const [first = "", ...rest] = lines(value);
  const width = 11;
  const shown = `${paint.dim(label.padEnd(width))} ${first}`;
  return [shown, ...rest.map((one) => `${" ".repeat(width)} ${one}`)];
}

/** `takenAt` as `taken at`; a number of milliseconds since 1970 loses its unit, because it is shown as a moment. */
function nameOf(member: string): string {
  return line(
    member
      .replace(/Ms$/, "")
      .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
      .replaceAll("_", " ")
      .toLowerCase(),
  );
}

function plain(name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && name.endsWith("Ms") && value > 1e12 && value < 8e15)
    return new Date(value).toISOString();
  return String(value);
}
