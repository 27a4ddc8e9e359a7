import { expect, it } from "vitest";
import { mayWords, observingWords } from "./workflow-row.ts";

const observe = { kind: "observe", until: "2027-01-31" } as const;

it("a workflow's page says that its rules do not bite, for as long as they do not", () => {
  const words = (pattern: string, today: string) => observingWords({ mode: observe, pattern }, today);
  expect(words("autonomous-nonprod", "2027-01-31")).toMatch(
    /^Only observed until 2027-01-31: .* but for executions in production$/,
  );
  expect(words("copilot-only", "2027-01-31")).toMatch(/ but for executions$/);
  expect(words("copilot-only", "2027-02-01")).toBeUndefined();
  expect(observingWords({ mode: { kind: "enforce" }, pattern: "mesh" }, "2027-01-01")).toBeUndefined();
});

it("never and must ask are not said of what is only observed", () => {
  expect(mayWords("never", false)).toBe("never");
  expect(mayWords("asks", false)).toBe("must ask");
  expect(mayWords("never", true)).toBe("never, once enforced; now only observed");
  expect(mayWords("asks", true)).toBe("must ask, once enforced; now only observed");
  expect(mayWords("free", true)).toBe("may");
});
