import { looksSecret } from "./placeholder.ts";

const strongName =
  "pass(?:word|wd|phrase|code)?|pwd|secret|client[-_ ]?secret|api[-_ ]?key|apikey|(?:access|secret|private|account|signing|encryption|master|shared|webhook|consumer|deploy)[-_ ]?(?:access[-_ ]?)?(?:key|secret)|auth[-_]?token|access[-_]?token|refresh[-_]?token|bearer[-_]?token|service[-_]?token|bot[-_]?token|session[-_]?secret|credentials?|x-api-key|connection[-_ ]?string";
const weakName = "token|authorization|auth|session[-_]?id|cookie|id[-_]?token";
const strong = new RegExp(`(?:^|[^a-z])(?:${strongName})$`, "i");
const camel =
  /(?:Password|Passwd|Passphrase|Secret|ApiKey|APIKey|AccessKey|SecretKey|PrivateKey|SigningKey|AuthToken|AccessToken|RefreshToken|Credential)$/;
const weak = new RegExp(`(?:^|[^a-z]|[a-z](?=T))(?:${weakName}|Token)$`, "i");
const notCredential =
  /(?:next|page|paging|continuation|cursor|sync|csrf|xsrf|delta|skip|resume|progress|watch|change|start|max|min|num|count|public|design)[-_]?(?:page[-_]?)?(?:token|key)s?$/i;

/** What the name of a field promises of its value. */
export function promiseOf(name: string): "strong" | "weak" | undefined {
  if (name.length > 64 || notCredential.test(name)) return undefined;
  if (strong.test(name) || camel.test(name)) return "strong";
  return weak.test(name) ? "weak" : undefined;
}

/** `name = value`, `name: value`, `--name value`, in prose, settings and code; the value ends the match. */
const assignment =
  /([A-Za-z][A-Za-z0-9_.-]{0,63})(?:["'`]|\\")?(?:[ \t]{0,4}(?::=|=>|==?|:)[ \t]{0,4}|[ \t]{1,4}(?:is|=)[ \t]{1,4})(?:(?:Bearer|Basic|Token|token)[ \t])?(?:["'`]|\\")?([^\s"'`,;)}\]<>\\]{8,512})/g;
const hint = /pass|pwd|secret|token|key|credential|auth|cookie|session|connection/i;

const authorization = /(?<![A-Za-z])(?:Bearer|Basic)[ \t]{1,4}([A-Za-z0-9._~+/-]{16,4096}={0,2})/gi;
/** Credentials before the host of any address; the user may be empty. */
const address = /(?<![A-Za-z0-9])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{0,128}:([^\s/@"'<>]{3,256})@[A-Za-z0-9[_%]/gi;

export interface Context {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** Credentials that only what stands before them betrays. */
export function findByContext(text: string): Context[] {
  const found: Context[] = [];
  if (hint.test(text)) findAssigned(text, found);
  if (/bearer|basic/i.test(text)) {
    for (const match of text.matchAll(authorization)) {
      const value = match[1] ?? "";
      const isBasic = /^basic/i.test(match[0]);
      if (isBasic ? isBasicCredential(value) : looksSecret(value, "weak"))
        push(found, "authorization-header", match, value);
    }
  }
  if (text.includes("://") && text.includes("@")) {
    for (const match of text.matchAll(address)) {
      const value = match[1] ?? "";
      if (isAddressPassword(value)) found.push({ rule: "credentials-in-address", ...spanOf(match, value, 2) });
    }
  }
  return found;
}

function findAssigned(text: string, found: Context[]): void {
  assignment.lastIndex = 0;
  for (let match = assignment.exec(text); match !== null; match = assignment.exec(text)) {
    const [, name = "", value = ""] = match;
    const promise = promiseOf(name);
    if (promise !== undefined && looksSecret(value, promise)) push(found, "assigned-credential", match, value);
    // In `to=password: x` the value of the first name is the second name.
    else assignment.lastIndex = match.index + name.length;
  }
}

function push(found: Context[], rule: string, match: RegExpExecArray, value: string): void {
  found.push({ rule, ...spanOf(match, value, 0) });
}

function spanOf(match: RegExpExecArray, value: string, after: number): { start: number; end: number } {
  const end = match.index + match[0].length - after;
  return { start: end - value.length, end };
}

function isBasicCredential(value: string): boolean {
  const plain = Buffer.from(value, "base64").toString("latin1");
  return /^[\x20-\x7e]{0,128}:[\x20-\x7e]{3,512}$/.test(plain);
}

function isAddressPassword(value: string): boolean {
  return (
    !/^(?:(?:some|my|the|test|db)?[-_]?(?:pass(?:word|wd)?|secret|pwd)|guest|\*+|x+|\.+|user|token|port|\d{2,5}|\$.*|\{.*|<.*|%s|%\(.*|\[.*|:.*)$/i.test(
      value,
    ) && !/example|your|placeholder|changeme/i.test(value)
  );
}
