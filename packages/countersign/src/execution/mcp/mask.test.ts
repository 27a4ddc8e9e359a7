import { expect, it } from "vitest";
import { createMask } from "./mask.ts";

it("a credential that was sent does not come back in a message, however it is written into JSON", () => {
  const mask = createMask();
  mask.note("Bearer tok-123456789");
  mask.note('quo"te\nd-secret');
  mask.note("short");
  const message = {
    method: "notifications/message",
    params: { data: ["tok-123456789!", { 'quo"te\nd-secret': "short" }] },
  };
  expect(mask.clean(message)).toEqual({
    method: "notifications/message",
    params: { data: ["[secret]!", { "[secret]": "short" }] },
  });
  const plain = { method: "x" };
  expect(mask.clean(plain)).toBe(plain);
});

it("keeps the newest credentials and no more than a few", () => {
  const mask = createMask();
  for (let i = 0; i < 200; i++) mask.note(`token-number-${i}`);
  expect(mask.clean({ a: "token-number-199" })).toEqual({ a: "[secret]" });
  expect(mask.clean({ a: "token-number-1x" })).toEqual({ a: "token-number-1x" });
});
