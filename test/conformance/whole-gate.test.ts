import { expect, it } from "vitest";

import { openTestDatabase, urlOf } from "../support/database.ts";
import { startFixture } from "./fixture.ts";
import { differences, judge } from "./referee.ts";
import { openWholeGate } from "./whole-gate.ts";

it("the suite's calls pass the whole plane, and its score falls where the plane keeps one tool back", async () => {
  const [fixture, database] = [await startFixture(), await openTestDatabase()];
  const at = { url: database.url, adminUrl: urlOf(database.ownerAt) };
  const gate = await openWholeGate(fixture.url, { withheld: ["test_image_content"], database: at });
  const alone = await judge(fixture.url, "2025-11-25");
  const through = await judge(gate.url, "2025-11-25");
  // Closed first: an outcome is on record a moment after its answer.
  await gate.close();
  const { rows } = await database.db.query<{ tool: string; to_state: string }>(
    "select distinct tool, to_state from entry where to_state in ('done', 'refused')",
  );
  await database.close();
  await fixture.close();
  const differing = differences(alone, through).map((line) => line.split(":")[0]);
  expect(differing).toEqual(["tools-call-image"]);
  const became = new Map(rows.map((row) => [row.tool, row.to_state]));
  expect(became.get("fixture.test_image_content")).toBe("refused");
  for (const name of ["test_simple_text", "test_elicitation", "test_sampling", "mcp:resources/read", "mcp:prompts/get"])
    expect(became.get(`fixture.${name}`)).toBe("done");
});
