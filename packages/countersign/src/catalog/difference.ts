import { canonical, type Json } from "@countersign/contract";
import { asJson } from "./definition.ts";
import type { Definition } from "./tool.ts";
import { visible } from "./visible.ts";

/**
 * Every member that differs between two definitions, one line each, for a person to read: `+` added, `-` removed,
 * `~` changed, `^` the same members in another order. What an eye cannot see is written out.
 */
export function difference(before: Definition | undefined, after: Definition): readonly string[] {
  const lines: string[] = [];
  compare(lines, "", before === undefined ? undefined : asJson(before), asJson(after));
  return lines;
}

/** The text as it would be read, where it holds anything an eye cannot see. */
export function holdsHidden(definition: Definition): boolean {
  const text = canonical(asJson(definition));
  return visible(text) !== text;
}

function compare(lines: string[], at: string, before: Json | undefined, after: Json | undefined): void {
  if (before === undefined) {
    if (after !== undefined) tell(lines, "+", at, after);
  } else if (after === undefined) tell(lines, "-", at, before);
  else if (isMembers(before) && isMembers(after)) compareMembers(lines, at, before, after);
  else if (isList(before) && isList(after)) compareLists(lines, at, before, after);
  else if (canonical(before) !== canonical(after)) {
    lines.push(`~ ${at}: ${show(before)} -> ${show(after)}${marker(before, after)}`);
  }
}

function compareMembers(lines: string[], at: string, before: Members, after: Members): void {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of names) compare(lines, `${at}/${pointer(name)}`, own(before, name), own(after, name));
  const kept = Object.keys(before).filter((name) => Object.hasOwn(after, name));
  const order = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  if (kept.join("\n") !== order.join("\n")) lines.push(`^ ${at || "/"}: members in another order`);
}

function compareLists(lines: string[], at: string, before: readonly Json[], after: readonly Json[]): void {
  const sorted = (list: readonly Json[]) =>
    list
      .map((element) => canonical(element))
      .sort()
      .join("\n");
  if (canonical(before) !== canonical(after) && sorted(before) === sorted(after)) {
    lines.push(`^ ${at}: ${show(before)} -> ${show(after)}`);
    return;
  }
  for (let i = 0; i < Math.max(before.length, after.length); i++) compare(lines, `${at}/${i}`, before[i], after[i]);
}

/** A whole value, leaf by leaf, so that nothing in it hides in a long line. */
function tell(lines: string[], sign: "+" | "-", at: string, value: Json): void {
  if (isList(value) && value.length > 0) {
    for (const [i, element] of value.entries()) tell(lines, sign, `${at}/${i}`, element);
  } else if (isMembers(value) && Object.keys(value).length > 0) {
    for (const [name, member] of Object.entries(value)) tell(lines, sign, `${at}/${pointer(name)}`, member);
  } else lines.push(`${sign} ${at || "/"}: ${show(value)}${marker(value)}`);
}

/** JSON, so that a written-out `\u{…}` cannot be mistaken for text that a server sent: its backslash is doubled. */
function show(value: Json): string {
  return visible(typeof value === "string" ? JSON.stringify(value) : canonical(value));
}

function marker(...values: readonly Json[]): string {
  const hides = values.some(
    (value) => typeof value === "string" && visible(value.replace(/[\n\t]/g, " ")) !== value.replace(/[\n\t]/g, " "),
  );
  return hides ? "  (holds characters that cannot be seen)" : "";
}

/** A JSON pointer's escapes, and hidden characters of names written out. */
function pointer(name: string): string {
  return visible(name.replaceAll("\\", "\\\\").replaceAll("~", "~0").replaceAll("/", "~1"));
}

type Members = { readonly [member: string]: Json };

function own(members: Members, name: string): Json | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function isMembers(value: Json): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
