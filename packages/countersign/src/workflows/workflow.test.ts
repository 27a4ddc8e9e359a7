import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toolIdSchema } from "./names.ts";
import { durationMs, isDay, money, moneySchema, share } from "./quantity.ts";
import { answering, modeAt, standsIn, workflowFile } from "./workflow.ts";

const least = { workflow: "w", purpose: "p", dri: "ana@acme.example", pattern: "mesh", agents: ["a"], tier: 0 };

describe("quantities", () => {
  it("become numbers with their unit", () => {
    expect(["45s", "30m", "4h", "1d"].map(durationMs)).toEqual([45_000, 1_800_000, 14_400_000, 86_400_000]);
    expect(["0%", "80%", "97.0%", "100%"].map(share)).toEqual([0, 0.8, 0.97, 1]);
    expect(money("0.1 EUR")).toEqual({ currency: "EUR", amountMicros: 100_000 });
    expect(money("999999999.999999 USD").amountMicros).toBe(999_999_999_999_999);
  });

  it("keep every millionth of an amount", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: 0, max: 999_999 }),
        (whole, millionths) => {
          const text = `${whole}.${String(millionths).padStart(6, "0")} USD`;
          expect(moneySchema.parse(text).amountMicros).toBe(whole * 1_000_000 + millionths);
        },
      ),
    );
  });

  it("know the days there are", () => {
    expect(["2028-02-29", "2026-12-31"].filter(isDay)).toHaveLength(2);
    expect(["2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "today"].filter(isDay)).toEqual([]);
  });
});

describe("a workflow", () => {
  it("has defaults that are cautious", () => {
    expect(workflowFile.parse({ ...least, ask: [{ tool: "s.t", from: "g" }] })).toMatchObject({
      name: "w",
      allow: [],
      block: [],
      ask: [{ count: 1, openMs: 14_400_000, validMs: 3_600_000, exclude: ["requester"] }],
      logging: { capture: "full", redact: ["personal"] },
      budget: { alert: 0.8, calls: {} },
      mode: { kind: "enforce" },
    });
  });

  it("keeps what actions said unless it says for how long", () => {
    expect(workflowFile.parse(least).logging).not.toHaveProperty("keepMs");
    expect(workflowFile.parse({ ...least, logging: { keep: "400d" } }).logging.keepMs).toBe(34_560_000_000);
  });

  it("observes to the end of its last day, and then enforces", () => {
    const workflow = workflowFile.parse({ ...least, mode: "observe until 2026-12-31" });
    expect(modeAt(workflow, Date.parse("2026-12-31T23:59:59.999Z"))).toBe("observe");
    expect(modeAt(workflow, Date.parse("2027-01-01T00:00:00.000Z"))).toBe("enforce");
    expect(modeAt(workflowFile.parse(least), 0)).toBe("enforce");
  });

  it("has someone who stands in on the days of a cover", () => {
    const cover = [{ person: "bo@acme.example", from: "2026-12-01", to: "2026-12-10" }];
    const workflow = workflowFile.parse({ ...least, cover });
    const days = ["2026-11-30", "2026-12-01", "2026-12-10", "2026-12-11"];
    expect(days.map((day) => standsIn(workflow, day)[0])).toEqual(["a", "b", "b", "a"]);
  });

  it("is answered for by its DRI, the deputy, and who covers the day, each once", () => {
    const cover = [
      { person: "cy@acme.example", from: "2026-12-01", to: "2026-12-10" },
      { person: "bo@acme.example", from: "2026-12-11", to: "2026-12-12" },
    ];
    const workflow = workflowFile.parse({ ...least, deputy: "bo@acme.example", cover });
    const [ana, bo] = [
      { person: "ana@acme.example", as: "DRI" },
      { person: "bo@acme.example", as: "deputy" },
    ];
    expect(answering(workflow, "2026-11-30")).toEqual([ana, bo]);
    expect(answering(workflow, "2026-12-10")).toEqual([ana, bo, { person: "cy@acme.example", as: "cover" }]);
    expect(answering(workflow, "2026-12-11")).toEqual([ana, bo]);
    expect(answering(workflowFile.parse(least), "2026-12-01")).toEqual([ana]);
  });

  it("takes names of tools and of methods, and no pattern of them", () => {
    const fine = ["files.read_file", "git.git_log", "files.mcp:resources/read", "a.b.c"];
    expect(fine.filter((id) => toolIdSchema.safeParse(id).success)).toEqual(fine);
    const bad = [
      "*",
      "files.*",
      "*.read",
      "files.{a,b}",
      "files.[ab]",
      "files.r?ad",
      "all",
      "any",
      "files",
      "files.",
      "Files.a",
      "files.a b",
      "",
      "files.a\n",
    ];
    expect(bad.filter((id) => toolIdSchema.safeParse(id).success)).toEqual([]);
  });
});
