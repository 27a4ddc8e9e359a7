import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { sourceOf, trustedProxies } from "./source.ts";

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage;
const trusts = trustedProxies(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]);

it.each([
  ["nobody's word counts without a proxy", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["a trusted proxy's word counts", "10.1.2.3", "198.51.100.1", "198.51.100.1"],
  ["what a client put before it does not", "10.1.2.3", "6.6.6.6, 198.51.100.1", "198.51.100.1"],
  ["a chain of proxies is followed", "10.1.2.3", "198.51.100.1, 192.0.2.1", "198.51.100.1"],
  ["an address in the other notation is the same", "::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"],
  ["IPv6 too", "2001:db8::7", "2001:db9::1", "2001:db9::1"],
  ["nonsense ends the chain", "10.1.2.3", "198.51.100.1, nonsense", "10.1.2.3"],
  ["an empty header ends it", "10.1.2.3", "", "10.1.2.3"],
])("%s", (_, remote, forwarded, wanted) => {
  expect(sourceOf(request(remote, forwarded), trusts)).toBe(wanted);
});

it("trusts nobody where the workspace names nobody", () => {
  expect(sourceOf(request("10.1.2.3", "198.51.100.1"), trustedProxies([]))).toBe("10.1.2.3");
});
