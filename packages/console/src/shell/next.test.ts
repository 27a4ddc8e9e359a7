import { expect, it } from "vitest";
import { keepNext, ownPath, takeNext } from "./next.ts";

const origin = "http://localhost:4600";
const ana = "ana@acme.example ";

function store() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

it("goes once to where the session ended, from where a login leads", () => {
  const kept = store();
  keepNext(kept, "/inbox/act_1?mine=true", ana);
  expect(takeNext(kept, new URL("/", origin), ana)).toBe("/inbox/act_1?mine=true");
  expect(takeNext(kept, new URL("/", origin), ana)).toBeUndefined();
  // A provider's way back knows the path and no query.
  keepNext(kept, "/inbox/act_1?mine=true", ana);
  expect(takeNext(kept, new URL("/inbox/act_1", origin), ana)).toBe("/inbox/act_1?mine=true");
  // Whoever comes to the start without a session is on the way.
  keepNext(kept, "/inbox/act_1", ana);
  keepNext(kept, "/", ana);
  expect(takeNext(kept, new URL("/", origin), ana)).toBe("/inbox/act_1");
});

it("goes nowhere where another page was opened since, or where the session ended at the start", () => {
  const kept = store();
  keepNext(kept, "/inbox/act_1", ana);
  expect(takeNext(kept, new URL("/runs", origin), ana)).toBeUndefined();
  expect(takeNext(kept, new URL("/", origin), ana)).toBeUndefined();
  keepNext(kept, "/", ana);
  expect(takeNext(kept, new URL("/", origin), ana)).toBeUndefined();
});

it("takes nobody to where another person was; where nobody was logged in before, whoever comes first", () => {
  const kept = store();
  keepNext(kept, "/find?q=what-ana-looked-for", ana);
  expect(takeNext(kept, new URL("/", origin), "bo@acme.example ")).toBeUndefined();
  expect(takeNext(kept, new URL("/", origin), ana)).toBeUndefined();
  // Whoever logged out elsewhere meanwhile begins anew.
  keepNext(kept, "/find?q=what-ana-looked-for", ana);
  expect(takeNext(kept, new URL("/", origin), `${ana}2026-01-01T00:00:00.000Z`)).toBeUndefined();
  keepNext(kept, "/inbox/act_1", null);
  expect(takeNext(kept, new URL("/", origin), ana)).toBe("/inbox/act_1");
});

it("goes to a path of this origin alone", () => {
  expect(ownPath("/people/ana@acme.example?of=%2F", origin)).toBe("/people/ana@acme.example?of=%2F");
  for (const elsewhere of [
    "//evil.example/x",
    "/\\evil.example/x",
    "/\t/evil.example/x",
    "/.//evil.example/x",
    "/x/..//evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "\\\\evil.example",
    "inbox",
    "",
  ]) {
    expect(ownPath(elsewhere, origin), elsewhere).toBeUndefined();
    const kept = store();
    keepNext(kept, elsewhere, ana);
    expect(takeNext(kept, new URL("/", origin), ana), elsewhere).toBeUndefined();
  }
});

it("goes nowhere where what is kept is nothing of its own", () => {
  for (const text of ["/inbox", "{}", "[", '"/inbox"', "null", "[]", "[1,2]"]) {
    const kept = store();
    kept.setItem("countersign.next", text);
    expect(takeNext(kept, new URL("/", origin), ana), text).toBeUndefined();
  }
});
