import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";
import { differences, judge, type Revision, type Score, totalOf } from "./referee.ts";
import { startGate } from "./start-gate.ts";

let fixture: Fixture;
const alone = new Map<Revision, ReadonlyMap<string, Score>>();

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

describe("the official conformance suite", () => {
  it.each(["2025-11-25", "2026-07-28"] as const)(
    "scores the gate as it scores the server behind it: %s",
    async (revision) => {
      const gate = await startGate(fixture.url);
      const scores = await judge(fixture.url, revision);
      alone.set(revision, scores);
      const through = await judge(gate.url, revision);
      await gate.close();
      expect(differences(scores, through)).toEqual([]);
      const failing = [...scores].filter(([, score]) => score.failed > 0).map(([name]) => name);
      expect(failing.filter((name) => !name.startsWith("tasks-"))).toEqual([]);
      expect(totalOf(scores).passed).toBeGreaterThanOrEqual(revision === "2025-11-25" ? 84 : 164);
    },
  );

  it("sees a gate that keeps one tool back", async () => {
    const gate = await startGate(fixture.url, {
      treat: (_server, tool) => (tool === "test_image_content" ? "refuse" : "allow"),
    });
    const through = await judge(gate.url, "2025-11-25");
    await gate.close();
    const scores = alone.get("2025-11-25") ?? new Map<string, Score>();
    expect(differences(scores, through).length).toBeGreaterThan(0);
  });
});
