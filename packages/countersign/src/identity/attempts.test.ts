import { expect, it } from "vitest";
import { FailedAttempts } from "./attempts.ts";

it("blocks at its limit until the minute is over", () => {
  const attempts = new FailedAttempts({ limit: 3 });
  for (let i = 0; i < 3; i++) {
    expect(attempts.isBlocked("192.0.2.1", i)).toBe(false);
    attempts.fail("192.0.2.1", i);
  }
  expect(attempts.isBlocked("192.0.2.1", 59_999)).toBe(true);
  expect(attempts.isBlocked("192.0.2.2", 59_999)).toBe(false);
  expect(attempts.isBlocked("192.0.2.1", 60_000)).toBe(false);
});

it("counts a whole /64 of IPv6 as one source, however it is written", () => {
  const attempts = new FailedAttempts({ limit: 3 });
  for (const source of ["2001:db8::1", "2001:db8:0:0:ffff::2", "2001:0db8:0:0:0:0:0:3%eth0"]) attempts.fail(source, 0);
  expect(attempts.isBlocked("2001:DB8::abcd", 1)).toBe(true);
  expect(attempts.isBlocked("2001:db8:0:1::1", 1)).toBe(false);
  attempts.fail("::ffff:192.0.2.1", 0);
  attempts.fail("192.0.2.1", 0);
  expect(attempts.size).toBe(2);
});

it("holds no more sources than it may", () => {
  const attempts = new FailedAttempts({ limit: 1, capacity: 100 });
  for (let i = 0; i < 5000; i++) attempts.fail(`source-${i}`, 0);
  expect(attempts.size).toBe(100);
  expect(attempts.isBlocked("source-4999", 1)).toBe(true);
  expect(attempts.isBlocked("source-0", 1)).toBe(false);
});
