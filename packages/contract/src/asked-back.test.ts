import { expect, it } from "vitest";
import { askedBackSentence } from "./index.ts";

const asked = (person: string) => ({ kind: "asked", person });
const replied = { kind: "replied" };

it("MT-196 what was asked back is told by the steps alone, with whether the agent replied", () => {
  expect(askedBackSentence([{ kind: "held" }, { kind: "approved", person: "bo" }])).toBeUndefined();
  expect(askedBackSentence([asked("bo"), replied])).toBe("bo asked its agent back once, and it replied");
  expect(askedBackSentence([asked("bo"), asked("ana"), replied, asked("bo")])).toBe(
    "bo and ana asked its agent back 3 times, and it replied once",
  );
  expect(askedBackSentence([asked("bo")])).toBe("bo asked its agent back once, and it did not reply");
});
