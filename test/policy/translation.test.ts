import { describe, expect, it } from "vitest";
import { casesToFind } from "./cases-to-find.ts";
import { compareTranslation } from "./translation.ts";
import { translationBugs } from "./translation-bugs.ts";

// `npm run fuzz:translation` does the same at length.
describe("the translation of policies to SMT-LIB and the evaluator", () => {
  it("say the same of random policies and requests, in both directions", async () => {
    const { cases, exact, holding, faults, unanswered, differences } = await compareTranslation(1_500, 7);
    expect(differences).toEqual([]);
    expect(unanswered).toBe(0);
    expect(cases).toBeGreaterThanOrEqual(1_500);
    expect(exact / cases).toBeGreaterThan(0.9);
    expect(Math.min(holding, faults)).toBeGreaterThan(100);
  }, 300_000);

  it("differ with each of the bugs that are planted in the translation", async () => {
    const queue = translationBugs.map(({ name }) => name);
    const missed: string[] = [];
    const work = async (): Promise<void> => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift())
        if ((await casesToFind(name)) === undefined) missed.push(name);
    };
    await Promise.all([work(), work()]);
    expect(missed).toEqual([]);
    expect(translationBugs.length).toBeGreaterThanOrEqual(8);
  }, 600_000);
});
