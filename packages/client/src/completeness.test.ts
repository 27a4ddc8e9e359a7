import { describe, expect, it } from "vitest";
import type { CompletenessPage } from "./body.ts";
import { mostGaps, sumCompleteness } from "./completeness.ts";

const names = ["intent", "inputs", "outcome", "outputs", "approval", "order"] as const;
const pageOf = (of: number, have: number, gaps: number, next?: string): CompletenessPage =>
  ({
    since: "2026-11-01T00:00:00Z",
    until: "2026-11-02T00:00:00Z",
    actions: of,
    measures: Object.fromEntries(names.map((name) => [name, { of, have }])),
    reasons: { refused: 1 },
    gaps: Array.from({ length: gaps }, (_, at) => ({ action: `act_${at}`, kind: "outcome", sentence: "" })),
    log: { sealed: { size: of } },
    ...(next === undefined ? {} : { next }),
  }) as unknown as CompletenessPage;

describe("all pages of a completeness report", () => {
  it("are asked for one after the other over the window of the first, and summed", async () => {
    const asked: unknown[] = [];
    const told: number[] = [];
    const pages = [pageOf(3, 2, 1, "act_a"), pageOf(5, 5, 0)];
    const sum = await sumCompleteness(
      async (query) => {
        asked.push(query);
        return pages[asked.length - 1] as CompletenessPage;
      },
      { workflow: "docs" },
      ({ actions }) => void told.push(actions),
    );
    const window = { since: "2026-11-01T00:00:00Z", until: "2026-11-02T00:00:00Z" };
    expect(asked).toEqual([{ workflow: "docs" }, { workflow: "docs", ...window, cursor: "act_a" }]);
    expect(told).toEqual([3, 8]);
    expect(sum).toMatchObject({ actions: 8, found: 1, isComplete: false, reasons: { refused: 2 } });
    expect(sum.measures.outcome).toEqual({ of: 8, have: 7, share: 7 / 8 });
    expect(sum).not.toHaveProperty("next");
  });

  it("count every gap and list no more than so many; nothing measured has no share", async () => {
    const pages = [pageOf(0, 0, mostGaps, "act_a"), pageOf(0, 0, 5)];
    const sum = await sumCompleteness(async () => pages.shift() as CompletenessPage, {});
    expect(sum.found).toBe(mostGaps + 5);
    expect(sum.gaps).toHaveLength(mostGaps);
    expect(sum.measures.order.share).toBeNull();
  });

  it("end between two pages when nobody waits any more", async () => {
    const abort = new AbortController();
    let asked = 0;
    const summing = sumCompleteness(
      async () => {
        asked++;
        abort.abort();
        return pageOf(1, 1, 0, "act_a");
      },
      {},
      undefined,
      abort.signal,
    );
    await expect(summing).rejects.toMatchObject({ name: "AbortError" });
    expect(asked).toBe(1);
  });
});
