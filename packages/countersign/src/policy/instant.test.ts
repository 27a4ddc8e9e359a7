import { expect, it } from "vitest";
import { instantMs, instantText } from "./instant.ts";

it("reads an instant as a date does, whichever was read before", () => {
  const texts = ["2026-11-22T12:00:00.000Z", "2026-11-22T14:00:00+02:00", "2026-11-22", "no instant", ""];
  for (const text of [...texts, ...texts.toReversed(), ...texts.flatMap((one) => [one, one])]) {
    const ms = Date.parse(text);
    expect(instantMs(text)).toBe(ms);
    expect(instantText(text)).toBe(Number.isNaN(ms) ? "" : new Date(ms).toISOString());
  }
});
