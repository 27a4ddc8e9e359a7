import { lookup } from "node:dns";
import { expect, it, vi } from "vitest";
import { guardedLookup, refusedAddress, refusedHost } from "./outside.ts";

vi.mock("node:dns", () => ({ lookup: vi.fn() }));

const metadata = [
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "fe80::1",
  "fd00:ec2::254",
  "0.0.0.0",
  "::",
  "64:ff9b::a9fe:a9fe",
];
const inner = ["10.0.0.7", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.7"];

it.each(metadata)("never sends to %s, whatever is said", (address) => {
  expect(refusedAddress(address, "hooks.example", true)).toBeDefined();
  expect(refusedAddress(address, "localhost", true)).toBeDefined();
});

it.each(inner)("sends to %s only where that is said", (address) => {
  expect(refusedAddress(address, "hooks.example", false)).toContain("private");
  expect(refusedAddress(address, "hooks.example", true)).toBeUndefined();
});

it("sends to this machine only where the address names it", () => {
  expect(refusedAddress("127.0.0.1", "hooks.example", true)).toBeDefined();
  expect(refusedAddress("::1", "hooks.example", false)).toBeDefined();
  expect(refusedAddress("::ffff:127.0.0.1", "hooks.example", true)).toBeDefined();
  expect(refusedAddress("127.0.0.1", "localhost", false)).toBeUndefined();
});

it("judges an address in a URL without looking it up", () => {
  expect(refusedHost(new URL("https://0xa9fea9fe/x").hostname, true)).toBeDefined();
  expect(refusedHost("[::1]", false)).toBeUndefined();
  expect(refusedHost("hooks.example", false)).toBeUndefined();
  expect(refusedHost("93.184.216.34", false)).toBeUndefined();
});

it("refuses a name of which one address of several is not to be sent to", async () => {
  const found = (list: readonly { address: string; family: number }[]) =>
    vi
      .mocked(lookup)
      .mockImplementation(((_host: string, _options: object, done: (...given: unknown[]) => void) =>
        done(null, list)) as never);
  const look = (all: boolean) =>
    new Promise((resolve) => {
      guardedLookup(false)("hooks.example", { all } as never, (fault, address) => resolve(fault?.message ?? address));
    });
  found([
    { address: "93.184.216.34", family: 4 },
    { address: "10.0.0.7", family: 4 },
  ]);
  expect(await look(true)).toContain("private");
  found([{ address: "93.184.216.34", family: 4 }]);
  expect(await look(false)).toBe("93.184.216.34");
  expect(await look(true)).toEqual([{ address: "93.184.216.34", family: 4 }]);
  found([]);
  expect(await look(true)).toBe("it has no address");
});
