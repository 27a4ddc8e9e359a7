import { expect, it } from "vitest";
import { standing, what } from "./stop-words.ts";

it("a stop is in force until it is lifted or its time is over", () => {
  expect(standing({ liftedAt: null, untilMs: null }, 5)).toBe("in force");
  expect(standing({ liftedAt: null, untilMs: 6 }, 5)).toBe("in force");
  expect(standing({ liftedAt: null, untilMs: 5 }, 5)).toBe("over");
  expect(standing({ liftedAt: "2026-01-01T00:00:00Z", untilMs: 6 }, 5)).toBe("lifted");
  expect(what({ scope: "everything", name: "*" })).toBe("everything");
  expect(what({ scope: "agent", name: "scribe" })).toBe("agent scribe");
});
