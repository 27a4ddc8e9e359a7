import { expect, it } from "vitest";
import { wentThrough } from "./went-through.ts";

it("what passed because somebody only observes passed and nobody was asked, too", () => {
  expect(wentThrough({ alone: 3, observed: 0, actions: 5 })).toBe("3 of 5 actions passed and nobody was asked");
  expect(wentThrough({ alone: 0, observed: 2, actions: 2 })).toBe(
    "2 of 2 actions passed and nobody was asked, 2 of them because a rule is only observed",
  );
});
