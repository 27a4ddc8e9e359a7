import type { Json, JsonObject } from "@countersign/contract";

/** A member that is called so holds an address, whatever its value looks like. */
const named =
  /(?:^|_)(?:url|uri|href|webhook)|(?:url|uri|href|webhook)s?(?:_|$)|(?:endpoint|host|hostname|domain|proxy)s?$/;

/** What a program that goes to addresses may take for one; each is linear in the text. */
const forms: readonly RegExp[] = [
  // A scheme and a slash of either kind, anywhere; a drive has one letter only.
  /[a-z0-9+.-]{2}:[\\/]/i,
  // WHATWG's parser reads `https:evil.example` as well.
  /(?:^|[^a-z0-9+.-])(?:https?|wss?|ftps?):\S/i,
  /%3a(?:%2f|%5c|[\\/])/i,
  /^[\s"'(<]*[\\/]{2}/,
  /(?:^|[^a-z0-9.-])www\./i,
  // A name with a dot, or an address of the Internet, where a path, a port or a query follows: a bare one may be a file.
  /^[\s"'(<]*(?:[\p{L}\p{N}_][\p{L}\p{N}_-]*\.)+\p{L}[\p{L}\p{N}-]+\.?(?:[\\/?#]|:\d)/u,
  /^[\s"'(<]*localhost(?:[\\/?#]|:\d|$)/i,
  /^[\s"'(<]*(?:\d{1,3}\.){3}\d{1,3}(?:[\\/?#:]|$)/,
  /^[\s"'(<]*\[[0-9a-f:.]*:[0-9a-f:.]*\]/i,
  /^[^\s/@]+@[^\s/@:]+[:/]\S/,
];

/** Whether a text could be an address, in any spelling that programs are known to read as one. */
export function isAddress(text: string): boolean {
  // Parsers drop tabs, line breaks and what cannot be seen, and take other dots and letters for the plain ones.
  const plain = text
    .normalize("NFKC")
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .replace(/[\u3002\uff61]/g, ".");
  return forms.some((form) => form.test(plain));
}

/** Whether a call goes, or could go, to an address that stands in its arguments; `declared` are those that the tool's schema says hold one. */
export function holdsAddress(args: JsonObject, declared: ReadonlySet<string> = new Set()): boolean {
  return Object.entries(args).some(([name, value]) => (declared.has(name) && says(value)) || within(value, name));
}

/** Of a protocol's own method: a resource has an address of its server's making, and leads away only where it is one of the web. */
export function holdsWebAddress(value: Json | undefined): boolean {
  if (typeof value === "string") return /^[\p{Z}\p{C}]*(?:https?|wss?|ftps?)[\p{Z}\p{C}]*:/iu.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsWebAddress);
}

/** The arguments that a tool's schema declares as addresses, at whatever depth. */
export function addressArguments(schema: JsonObject): ReadonlySet<string> {
  const { properties = {}, ...rest } = schema;
  if (typeof properties !== "object" || properties === null) return new Set();
  const elsewhere = declares(rest);
  return new Set(
    Object.entries(properties)
      .filter(([, one]) => declares(one) || (elsewhere && JSON.stringify(one).includes('"$ref"')))
      .map(([name]) => name),
  );
}

function declares(schema: Json | undefined): boolean {
  return /"format":"(?:uri|iri|url|hostname|idn-hostname|ipv[46])/.test(JSON.stringify(schema ?? null));
}

function within(value: Json | undefined, name: string): boolean {
  if (named.test(words(name)) && says(value)) return true;
  if (typeof value === "string") return isAddress(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((one: Json) => within(one, ""));
  return Object.entries(value).some(([inner, one]) => isAddress(inner) || within(one, inner));
}

/** A truth value and nothing say no place. */
function says(value: Json | undefined): boolean {
  return value !== undefined && value !== null && typeof value !== "boolean";
}

/** `targetURL` and `target-url` as `target_url`. */
function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}
