import { expect, it } from "vitest";
import { fetched } from "./later.ts";

it("a part that came and fell over is no part that did not come", async () => {
  const cause = new TypeError("x is not a function");
  await expect(fetched(() => Promise.reject(cause))).rejects.toBe(cause);
});
