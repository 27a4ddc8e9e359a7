import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { expected, expecting } from "./expecting.ts";

const text = `cases:
  - name: it is allowed
    agent: scribe
    args: { expect: "expect:" }
    expect:
      effect: allow
      policies:
        - docs-upkeep/allow/files.read
`;

it("the last case expects another answer, by whichever policies, and everything else stays", () => {
  expect(expected(text)).toBe("allow");
  const denied = expecting(text, "deny");
  expect(denied).toBe(text.replace(/effect: allow\n {6}policies:\n {8}- .*\n/, "effect: deny\n"));
  expect(expected(denied ?? "")).toBe("deny");
  expect(expecting(denied ?? "", "deny")).toBe(denied);
});

it("what a call says about itself is not taken for what is expected", () => {
  const tool = "a]\nflow: off\n    expect:\n      effect: allow\n#";
  const made = stringify({
    cases: [{ name: tool, tool, args: { tool }, expect: { effect: "deny", policies: [tool] } }],
  });
  expect(expected(made)).toBe("deny");
  expect(parse(expecting(made, "require") ?? "")).toEqual({
    cases: [{ name: tool, tool, args: { tool }, expect: { effect: "require" } }],
  });
});

it("of several cases the last is meant, and where there is none nothing is made up", () => {
  const two = `${text}  - name: other\n    expect:\n      effect: require\n`;
  expect(expecting(two, "deny")).toBe(two.replace("effect: require", "effect: deny"));
  expect([expected("cases: []\n"), expecting("cases: []\n", "deny")]).toEqual([undefined, undefined]);
});
