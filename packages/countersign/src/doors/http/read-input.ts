import type { z } from "zod";
import { Problem } from "../../floor/problem.ts";
import { nearest } from "../../workspace/index.ts";

type Where = "path" | "query" | "body" | "form";

/** Reads a value by its schema; fails with `invalid` at the first member that does not fit, and says where it is. */
export function readInput<T>(schema: z.ZodType<T>, value: unknown, where: Where): T {
  if (value === undefined) throw new Problem("invalid", `the ${where} is missing`, { at: "" });
  const read = schema.safeParse(value, { reportInput: false });
  if (read.success) return read.data;
  const { issues } = read.error;
  // A misspelled member is also a missing one: it is the better thing to say.
  const issue = issues.find((one) => one.code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) throw new Problem("invalid", `the ${where} does not fit`);
  throw problemOf(issue, value, where, schema);
}

function problemOf(issue: z.core.$ZodIssue, value: unknown, where: Where, schema: z.ZodType): Problem {
  const path = issue.path.map(String);
  const at = pointer(path);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const meant = nearest(key, membersOf(schema));
    return new Problem("invalid", `there is no member \`${shown(key)}\` here`, {
      at: pointer([...path, key]),
      ...(meant === undefined ? {} : { help: `did you mean \`${meant}\`?` }),
    });
  }
  const member = path.length === 0 ? `the ${where}` : `\`${shown(path.at(-1) ?? "")}\``;
  const found = path.reduce<unknown>((inner, name) => own(inner, name), value);
  if (found === undefined && path.length > 0) return new Problem("invalid", `${member} is missing`, { at });
  return new Problem("invalid", `${member} ${complaint(issue, found)}`, { at });
}

function complaint(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `is ${kindOf(found)}; expected ${issue.expected === "int" ? "a whole number" : article(issue.expected)}`;
    case "too_big":
      return `is too ${issue.origin === "string" || issue.origin === "array" ? "long" : "large"}: at most ${issue.maximum}`;
    case "too_small":
      return `is too ${issue.origin === "string" || issue.origin === "array" ? "short" : "small"}: at least ${issue.minimum}`;
    case "invalid_value":
      return `is none of ${issue.values.map((one) => `\`${String(one)}\``).join(", ")}`;
    case "custom":
      return `does not fit: ${issue.message}`;
    case "invalid_format": {
      const kind = "pattern" in issue ? /^\/?\^\(?([a-z]{3})[_|)]/.exec(String(issue.pattern))?.[1] : undefined;
      if (kind !== undefined) return `is no id of this kind: one looks like \`${kind}_01m825ak74d16nd9rpt2s43shj\``;
      return "does not have the form that is expected here";
    }
    default:
      return "does not have the form that is expected here";
  }
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : article(typeof value);
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function membersOf(schema: z.ZodType): readonly string[] {
  return "shape" in schema && typeof schema.shape === "object" && schema.shape !== null
    ? Object.keys(schema.shape)
    : [];
}

function pointer(path: readonly string[]): string {
  return path.map((part) => `/${shown(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** What a caller wrote, as an answer may repeat it. */
export function shown(text: string): string {
  return text
    .slice(0, 80)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`]/gu, "\u{fffd}");
}
