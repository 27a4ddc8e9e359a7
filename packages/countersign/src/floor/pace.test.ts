import { expect, it } from "vitest";
import { createPace } from "./pace.ts";

it("lets work go on, and breaks it off where it stands once it was stopped", async () => {
  const pace = createPace();
  let slices = 0;
  const work = (async () => {
    for (;;) {
      slices++;
      if (slices === 3) pace.stop();
      await pace.rest();
    }
  })();
  await expect(work).rejects.toMatchObject({ code: "unavailable" });
  expect(slices).toBe(3);
});
