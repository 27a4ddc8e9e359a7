import { expect, it } from "vitest";
import { nameFault } from "./stop-names.ts";

const names = { agent: ["scribe", "coder"], workflow: [], tool: ["files", "files.write_file"], system: ["filesystem"] };

it("takes what is known, says what is not and what was most likely meant, and leaves it to the server where nothing is known", () => {
  expect(nameFault("agent", "scribe", names)).toBeUndefined();
  expect(nameFault("tool", "files", names)).toBeUndefined();
  expect(nameFault("agent", "scirbe", names)).toBe(
    "There is no agent scirbe. Nothing was stopped. Did you mean scribe?",
  );
  expect(nameFault("agent", "filesystem", names)).toContain("Choose one of the 2 that there are");
  expect(nameFault("workflow", "", names)).toContain("no workflow without a name");
  expect(nameFault("agent", "anybody", undefined)).toBeUndefined();
});
