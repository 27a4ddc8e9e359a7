import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Tells which addresses are proxies whose `X-Forwarded-For` counts. */
export function trustedProxies(list: readonly string[]): (address: string) => boolean {
  const known = new BlockList();
  for (const item of list) {
    const [address = "", bits] = item.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (isIP(address) === 0) continue;
    if (bits === undefined) known.addAddress(address, family);
    else known.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:/i, "");
    const version = isIP(plain);
    return version !== 0 && known.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

/** Where a request came from: read from the right, up to the first address that is not a trusted proxy. */
export function sourceOf(request: IncomingMessage, trusts: (address: string) => boolean): string {
  let address = request.socket.remoteAddress ?? "";
  const header = request.headers["x-forwarded-for"];
  const hops = (typeof header === "string" ? header : "").split(",").map((hop) => hop.trim());
  while (trusts(address)) {
    const before = hops.pop();
    if (before === undefined || isIP(before) === 0) return address;
    address = before;
  }
  return address;
}
