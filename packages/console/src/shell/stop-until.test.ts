import { expect, it } from "vitest";
import { lengthOf } from "./stop-until.tsx";

const form = (fields: Readonly<Record<string, string>>): FormData => {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
};

it("how long a stop lasts is what was chosen, and none of a moment that is past", () => {
  const nowMs = new Date("2026-11-26T10:00").getTime();
  expect(lengthOf(form({ for: "0" }), nowMs)).toBeUndefined();
  expect(lengthOf(form({ for: "900000" }), nowMs)).toBe(900_000);
  expect(lengthOf(form({ for: "moment", until: "2026-11-26T11:30" }), nowMs)).toBe(5_400_000);
  expect(lengthOf(form({ for: "moment", until: "2026-11-26T10:00" }), nowMs)).toBe(0);
  expect(lengthOf(form({ for: "moment", until: "" }), nowMs)).toBe(0);
});
