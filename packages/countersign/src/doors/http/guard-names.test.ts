import { expect, it } from "vitest";
import { guardNames } from "./guard-names.ts";

const own = "https://gate.acme.example";
const allowed = (headers: { host?: string; origin?: string }, publicUrl = own, path?: string): boolean => {
  try {
    guardNames(headers, publicUrl, path);
    return true;
  } catch {
    return false;
  }
};

it.each([
  [{ host: "gate.acme.example" }, true],
  [{ host: "localhost:4600" }, true],
  [{ host: "127.0.0.1" }, true],
  [{ host: "[::1]:4600" }, true],
  [{ host: "evil.example" }, false],
  [{ host: "gate.acme.example.evil.example" }, false],
  [{ host: "localhost.evil.example" }, false],
  [{ host: "evil.example:4600" }, false],
  [{}, false],
  [{ host: "gate.acme.example", origin: own }, true],
  [{ host: "gate.acme.example", origin: "http://gate.acme.example" }, false],
  [{ host: "gate.acme.example", origin: "null" }, false],
  [{ host: "localhost:4600", origin: "http://localhost:3000" }, false],
])("%o is let in: %s", (headers, wanted) => {
  expect(allowed(headers)).toBe(wanted);
});

it("a page that this very loopback address serves is let in, by its own scheme only", () => {
  const plain = "http://localhost:4600";
  expect(allowed({ host: "127.0.0.1:4600", origin: "http://127.0.0.1:4600" }, plain)).toBe(true);
  expect(allowed({ host: "127.0.0.1:4600", origin: "https://127.0.0.1:4600" }, plain)).toBe(false);
});

it.each([
  ["10.1.2.3:4600", true],
  ["10.1.2.3", true],
  ["[fd00::7]:4600", true],
  ["[fd00::7]", true],
  ["fd00::7", false],
  ["10.1.2.3.evil.example", false],
  ["10.1.2.3:4600:1", false],
  ["10.1.2", false],
  ["evil.example", false],
  ["countersign.pods.internal:4600", false],
  ["", false],
])("what watches a replica by its number is answered, and nothing else is: %s", (host, wanted) => {
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    expect(allowed({ host }, own, path)).toBe(wanted);
    expect(allowed({ host, origin: `http://${host}` }, own, path)).toBe(false);
  }
  for (const path of ["/v1/me", "/healthz/", "/healthz?", "/login", "/"])
    expect(allowed({ host }, own, path)).toBe(false);
});
