import fc from "fast-check";
import { expect, it } from "vitest";
import { page, text } from "./page.ts";

it("no text becomes markup, and no character hides", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const { html } = text(value);
      expect(html).not.toMatch(/[<>"']/);
      expect(html).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
      expect(html).not.toMatch(/[^\P{C}\n\t]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/u);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ["\u202eexe.gpj", "⟨U+202E⟩exe.gpj"],
  ["a\u200bb", "a⟨U+200B⟩b"],
  ["\u001b[31m", "⟨U+001B⟩[31m"],
  ["\ud800", "\ufffd"],
  ["x\ufe0f", "x⟨U+FE0F⟩"],
  ["Zoë 東京 é", "Zoë 東京 é"],
  [`a${" ".repeat(20_480)}<b>`, "a⟨20480 spaces⟩&lt;b&gt;"],
  [`a${"\n".repeat(20_480)}<b>`, "a⟨20480 empty lines⟩&lt;b&gt;"],
  ["p\u0430ypal", "p\u0430ypal⟨letters of Latin and Cyrillic in one word⟩"],
  ["раура", "раура⟨letters of Cyrillic that look like paypa⟩"],
])("%j is shown as %s", (value, wanted) => {
  expect(text(value).html).toBe(wanted);
});

it("a template escapes what is not markup of ours", () => {
  const inner = page`<b>${"<i>"}</b>`;
  expect(page`<p title="${'"'}">${inner}${[inner, inner]}${7}</p>`.html).toBe(
    '<p title="&quot;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b><b>&lt;i&gt;</b>7</p>',
  );
});
