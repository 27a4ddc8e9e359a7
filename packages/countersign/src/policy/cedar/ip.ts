import { isIPv4, isIPv6 } from "node:net";
import { EvaluationFault } from "./fault.ts";

/** An address with the length of its network; the address keeps the bits beyond it. */
export interface Ip {
  readonly kind: "ipaddr";
  readonly key: string;
  readonly version: 4 | 6;
  readonly address: bigint;
  readonly prefix: number;
}

const longest = 43;

export function parseIp(text: string): Ip {
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIPv4(address)
    ? 4
    : isIPv6(address) && !address.includes("%") && !address.includes(".")
      ? 6
      : undefined;
  if (text.length > longest || version === undefined || more.length > 0)
    throw new EvaluationFault("it is no IP address");
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : prefixLength(prefix, bits);
  const value = version === 4 ? v4(address) : v6(address);
  return { kind: "ipaddr", key: `${version} ${value} ${length}`, version, address: value, prefix: length };
}

function prefixLength(text: string, bits: number): number {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text) || Number(text) > bits)
    throw new EvaluationFault("it is no length of a network");
  return Number(text);
}

function v4(text: string): bigint {
  return text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function v6(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const [front, back] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...zeros, ...back].reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n);
}

/** Of a network: whether all of it is. */
export function isLoopback({ version, address, prefix }: Ip): boolean {
  return version === 4 ? address >> 24n === 127n && prefix >= 8 : address === 1n && prefix === 128;
}

export function isMulticast({ version, address, prefix }: Ip): boolean {
  return version === 4 ? address >> 28n === 14n && prefix >= 4 : address >> 120n === 255n && prefix >= 8;
}

/** Whether every address of one network lies in the other. */
export function isInRange(one: Ip, other: Ip): boolean {
  if (one.version !== other.version || one.prefix < other.prefix) return false;
  const shift = BigInt((one.version === 4 ? 32 : 128) - other.prefix);
  return one.address >> shift === other.address >> shift;
}
