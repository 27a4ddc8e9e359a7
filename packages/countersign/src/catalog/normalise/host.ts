import { isIPv6 } from "node:net";
import { Unclean } from "./shape.ts";

export interface Host {
  /** Lower case; an IPv6 address in brackets, in its shortest form. */
  readonly name: string;
  /** The name and every domain above it that has at least two labels. */
  readonly within: readonly string[];
  /** It is an address and no name. */
  readonly literal: boolean;
  /** It cannot be a host of the public Internet: loopback, private, link-local, a name without a dot, `.internal`. */
  readonly internal: boolean;
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A domain of at least `labels` labels in lower case. ASCII only: whoever means another script writes `xn--`. */
export function domain(text: string, labels: number): string {
  const name = text.toLowerCase();
  const parts = name.split(".");
  if (name.length > 253 || parts.length < labels || !parts.every((part) => label.test(part)))
    throw new Unclean("its host is no plain domain name");
  // A name whose last label is a number is read as an address by some programs and looked up by others.
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(parts.at(-1) ?? "")) throw new Unclean("its host is a number in disguise");
  return name;
}

/** The name and the domains above it, without a guess at who sells names below which. */
export function domainsAbove(name: string): readonly string[] {
  const labels = name.split(".");
  const above = labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
  return above.length === 0 ? [name] : above;
}

export function host(text: string): Host {
  if (text.startsWith("[")) return six(text.slice(1, -1).toLowerCase());
  if (/^[0-9]+(?:\.[0-9]+){3}$/.test(text)) return four(text);
  const name = domain(text, 1);
  return {
    name,
    within: domainsAbove(name),
    literal: false,
    internal: !name.includes(".") || /(?:^|\.)(?:localhost|local|internal|localdomain|home\.arpa)$/.test(name),
  };
}

function four(text: string): Host {
  const bytes = text.split(".");
  // A leading zero is octal to some.
  if (!bytes.every((byte) => /^(?:0|[1-9][0-9]{0,2})$/.test(byte) && Number(byte) < 256))
    throw new Unclean("its host is a number in disguise");
  return { name: text, within: [text], literal: true, internal: isPrivate(bytes.map(Number)) };
}

function six(text: string): Host {
  if (!isIPv6(text)) throw new Unclean("its host is no address");
  const name = new URL(`http://[${text}]/`).hostname;
  const groups = expand(name.slice(1, -1));
  const [first = 0, second = 0] = groups;
  const [high = 0, low = 0] = groups.slice(6);
  // Mapped, compatible and translated forms reach the IPv4 address that they hold.
  const holdsFour = groups.slice(0, 5).every((group) => group === 0) || (first === 0x64 && second === 0xff9b);
  const inner = holdsFour && isPrivate([high >> 8, high & 255, low >> 8, low & 255]);
  const local = (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || (first & 0xff00) === 0xff00;
  // 6to4 and Teredo hold another address as well; nobody needs them to reach the public Internet.
  const tunnel = first === 0x2002 || (first === 0x2001 && second === 0);
  return { name, within: [name], literal: true, internal: inner || local || tunnel };
}

function expand(text: string): readonly number[] {
  const [head = "", tail] = text.split("::");
  const numbers = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const left = numbers(head);
  if (tail === undefined) return left;
  const right = numbers(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function isPrivate([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || (b === 0 && c === 0))) ||
    (a === 198 && (b === 18 || b === 19))
  );
}
