import { expect, it } from "vitest";
import { keepNext, ownPath, takeNext } from "./next.ts";

const origin = "http://localhost:4600";

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
  keepNext(kept, "/inbox/act_1?mine=true");
  expect(takeNext(kept, new URL("/", origin))).toBe("/inbox/act_1?mine=true");
  expect(takeNext(kept, new URL("/", origin))).toBeUndefined();
  // A provider's way back knows the path and no query.
  keepNext(kept, "/inbox/act_1?mine=true");
  expect(takeNext(kept, new URL("/inbox/act_1", origin))).toBe("/inbox/act_1?mine=true");
});

it("goes nowhere where another page was opened since, or where the session ended at the start", () => {
  const kept = store();
  keepNext(kept, "/inbox/act_1");
  expect(takeNext(kept, new URL("/runs", origin))).toBeUndefined();
  expect(takeNext(kept, new URL("/", origin))).toBeUndefined();
  keepNext(kept, "/inbox/act_1");
  keepNext(kept, "/");
  expect(takeNext(kept, new URL("/", origin))).toBeUndefined();
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
    kept.setItem("countersign.next", elsewhere);
    expect(takeNext(kept, new URL("/", origin)), elsewhere).toBeUndefined();
  }
});
