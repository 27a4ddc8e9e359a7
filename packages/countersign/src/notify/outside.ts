import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Of the machine itself: only where the address names it in so many words. */
const own = listOf(["127.0.0.0", 8, "ipv4"], ["::1", 128, "ipv6"]);
/** Never: where clouds keep machines' credentials, what is nobody, everybody, or another address in disguise. */
const never = listOf(
  ["0.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 128, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["fec0::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["2001::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fd00:ec2::", 32, "ipv6"],
);
/** Only where the workspace says so of this channel. */
const inner = listOf(
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["fc00::", 7, "ipv6"],
);

type Range = readonly [net: string, bits: number, family: "ipv4" | "ipv6"];

function listOf(...ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [net, bits, family] of ranges) list.addSubnet(net, bits, family);
  return list;
}

/** What a host's name says of itself: this very machine. */
export function isOwnName(host: string): boolean {
  return /^(localhost|127(\.[0-9]{1,3}){3}|\[?::1\]?)$/.test(host);
}

/** Why this address is not sent to; undefined where it may be. */
export function refusedAddress(address: string, host: string, isPrivate: boolean): string | undefined {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (own.check(address, family)) return isOwnName(host) ? undefined : "its name leads to this very machine";
  if (isOwnName(host) || never.check(address, family)) return "its address is not one to send to";
  return !isPrivate && inner.check(address, family)
    ? "its address is private, and `private: true` is not said"
    : undefined;
}

/** Looked up and held against the rule in one step, so that a name cannot lead elsewhere in between. */
export function guardedLookup(isPrivate: boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...(options as LookupOptions), all: true }, (fault, found) => {
      if (fault !== null) return done(fault, "", 0);
      const all = found as LookupAddress[];
      const [first] = all;
      const wrong = all.map(({ address }) => refusedAddress(address, host, isPrivate)).find((one) => one !== undefined);
      if (first === undefined || wrong !== undefined)
        return done(new RefusedAddress(wrong ?? "it has no address"), "", 0);
      if (options.all === true) return done(null, all);
      done(null, first.address, first.family);
    });
  };
}

/** Thrown where a name leads to an address that is not sent to. */
export class RefusedAddress extends Error {}

/** Where the host is an address already, nothing is looked up: it is judged as it stands. */
export function refusedHost(host: string, isPrivate: boolean): string | undefined {
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  return isIP(address) === 0 ? undefined : refusedAddress(address, host, isPrivate);
}
