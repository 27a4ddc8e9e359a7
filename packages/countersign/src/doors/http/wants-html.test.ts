import { expect, it } from "vitest";
import { wantsHtml } from "./wants-html.ts";

it.each([
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true],
  ["TEXT/HTML", true],
  ["text/html;q=0.5, application/json;q=0.4", true],
  ["text/html;q=0.4, application/json", false],
  ["application/problem+json, text/html;q=0.9", false],
  ["text/html;q=0", false],
  ["text/html;q=much", false],
  ["application/json", false],
  ["*/*", false],
  ["", false],
  [undefined, false],
] as const)("%s: %s", (accept, wanted) => {
  expect(wantsHtml(accept)).toBe(wanted);
});
