import type { CheckFact } from "@countersign/contract";
import type { ErrorObject } from "ajv";
import { cutTo, onOneLine, type Redact, toldPointer } from "./told-pointer.ts";

type Evidence = CheckFact["evidence"][number];

const mostExpected = 200;
const mostNamed = 100;

/**
 * One fault against a schema: where, by which keyword, and what the schema wants there. Never the value that was found,
 * and of the names on the way to it only what `redact` leaves.
 */
export function faultOf({ keyword, instancePath, params }: ErrorObject, at: string, redact: Redact): Evidence {
  const found = params as Readonly<Record<string, unknown>>;
  const member = found.missingProperty ?? found.additionalProperty ?? found.unevaluatedProperty;
  const below = typeof member === "string" ? `/${member.replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
  const expected = wanted(keyword, found);
  return {
    pointer: toldPointer(at + instancePath + below, redact),
    rule: `schema-${keyword}`,
    ...(expected === undefined ? {} : { expected: cutTo(mostExpected, onOneLine(String(redact(expected).value))) }),
  };
}

/** The words of the schema itself, which whoever may call the tool may read. */
function wanted(keyword: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const { type, allowedValues, allowedValue, format, pattern, limit, comparison, multipleOf } = params;
  if (keyword === "type") return listed(Array.isArray(type) ? type : [type]);
  if (keyword === "enum" && Array.isArray(allowedValues))
    return listed(allowedValues.map((one) => JSON.stringify(one)));
  if (keyword === "const") return JSON.stringify(allowedValue);
  if (typeof limit === "number") return typeof comparison === "string" ? `${comparison} ${limit}` : String(limit);
  const rest = [format, pattern, multipleOf].find((one) => typeof one === "string" || typeof one === "number");
  return rest === undefined ? undefined : String(rest);
}

function listed(all: readonly unknown[]): string {
  return all.map(String).join(" or ");
}

/** What each keyword asks for, to go on the name of a member. */
const complaints: { readonly [rule: string]: (expected: string) => string } = {
  "schema-required": () => "is missing",
  "schema-additionalProperties": () => "is not known here",
  "schema-unevaluatedProperties": () => "is not known here",
  "schema-type": (expected) => `must be of type ${expected}`,
  "schema-enum": (expected) => `must be ${expected}`,
  "schema-const": (expected) => `must be ${expected}`,
  "schema-format": (expected) => `must have the format ${expected}`,
  "schema-pattern": (expected) => `must match ${expected}`,
  "schema-multipleOf": (expected) => `must be a multiple of ${expected}`,
  "schema-minLength": (expected) => `must have at least ${expected} characters`,
  "schema-maxLength": (expected) => `must have at most ${expected} characters`,
  "schema-minItems": (expected) => `must have at least ${expected} items`,
  "schema-maxItems": (expected) => `must have at most ${expected} items`,
  "schema-minimum": (expected) => `must be ${expected}`,
  "schema-maximum": (expected) => `must be ${expected}`,
  "schema-exclusiveMinimum": (expected) => `must be ${expected}`,
  "schema-exclusiveMaximum": (expected) => `must be ${expected}`,
};

/** What is wrong, for whoever has to send it again. Whichever check gave the evidence, its pointer is screened here too. */
export function complaint({ pointer: given, rule, expected }: Evidence, redact: Redact): string {
  const pointer = toldPointer(given, redact);
  const where = `${rule} at \`${pointer}\``;
  const said = Object.hasOwn(complaints, rule) ? complaints[rule] : undefined;
  return said === undefined ? where : `${nameOf(pointer)} ${said(expected ?? "what its schema says")} (${where})`;
}

/** An argument by its name; what lies deeper by its pointer. The pointer is screened already. */
function nameOf(pointer: string): string {
  if (pointer === "") return "the whole";
  const isTop = pointer.startsWith("/") && pointer.indexOf("/", 1) === -1;
  const name = isTop ? pointer.slice(1).replaceAll("~1", "/").replaceAll("~0", "~") : pointer;
  return `\`${cutTo(mostNamed, name)}\``;
}
