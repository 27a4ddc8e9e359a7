import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apart, readEquivalents } from "./equivalent.ts";
import { applied, mutantsOf, told } from "./mutants.ts";
import { withNotes } from "./points.ts";
import { run } from "./run.ts";
import { scopeOf } from "./scope.ts";
import { rateOf, sampleOf, scoreOf, wilson, written } from "./score.ts";
import type { Tried } from "./try-mutants.ts";

const root = join(import.meta.dirname, "..", "..");
const toll = "test/mutation/fixture/toll.ts";
const halvings = "test/mutation/fixture/halvings.ts";
const text = readFileSync(join(root, toll), "utf8");
const changes = (source: string) => mutantsOf("a.ts", source).map((mutant) => applied(source, mutant));

async function tried(tests: readonly string[], from = mutantsOf(toll, text)): Promise<readonly Tried[]> {
  return run({
    root,
    scope: [toll, halvings],
    mutants: from,
    tests: tests.map((name) => `test/mutation/fixture/${name}.cases.ts`),
    workers: 1,
    bounds: { patienceMs: 30_000, hangMs: 4_000, until: Number.POSITIVE_INFINITY },
    cache: undefined,
    environment: {},
    progress: () => undefined,
    tried: () => undefined,
  });
}

describe("a mutation run", () => {
  it("scores 100 % where the tests are good, whatever the mutant is", async () => {
    const all = await tried(["good"]);
    expect(all.filter(({ verdict }) => verdict === "survived").map(({ mutant }) => told(mutant))).toEqual([]);
    expect(rateOf(scoreOf(all))).toBe(1);
    expect(all.length).toBeGreaterThan(30);
  }, 300_000);

  it("scores 0 % where a test asserts nothing, and says so of each mutant", async () => {
    const few = sampleOf(mutantsOf(toll, text), 12, 1);
    const all = await tried(["idle"], few);
    expect(rateOf(scoreOf(all))).toBe(0);
    expect(scoreOf(all).survived).toBe(few.length);
    expect(written(all, [], 40)).toContain("score 0.0 % of a sample of 12 from 40 mutants");
  }, 300_000);

  it("ends tests that a mutant makes hang, counts it as noticed, and goes on", async () => {
    const all = mutantsOf(halvings, readFileSync(join(root, halvings), "utf8"));
    const chosen = all.filter(({ from, to }) => (from === "/" && to === "*") || (from === "+=" && to === "-="));
    const verdicts = (await tried(["halvings"], chosen)).map(({ mutant: { to }, verdict }) => [to, verdict]);
    expect(verdicts).toEqual([
      ["*", "timed out"],
      ["-=", "killed"],
    ]);
  }, 120_000);

  it("says that no test reaches a mutant, and does not try it", async () => {
    const all = await tried(["elsewhere"]);
    expect(scoreOf(all).uncovered).toBe(all.length);
    expect(rateOf(scoreOf(all))).toBe(0);
  }, 120_000);

  it("starts with tests that pass, or not at all", async () => {
    await expect(tried(["broken"])).rejects.toThrow(/fails with no mutant in it|does not pass/);
  }, 120_000);
});

describe("mutants", () => {
  it("are the usual faults, each once, and each still TypeScript", () => {
    expect(changes("const a = (b as number) >= 1_500;")).toEqual([
      "const a = (b as number) > 1_500;",
      "const a = (b as number) < 1_500;",
      "const a = (b as number) >= 3000;",
      "const a = (b as number) >= 750;",
    ]);
    expect(changes("if (a && !b) c();")).toEqual([
      "if (true) c();",
      "if (false) c();",
      "if (!(a && !b)) c();",
      "if ((a || !b)) c();",
      "if ((a)) c();",
      "if ((!b)) c();",
      "if (a && (b)) c();",
      "if (a && !b) ;",
    ]);
    expect(changes("const a = b?.c.toSorted() ?? [d];")).toEqual(
      [
        "const a = (b?.c) ?? [d];",
        "const a = (b?.c.toSorted());",
        "const a = ([d]);",
        "const a = b.c.toSorted() ?? [d];",
        "const a = b?.c.toSorted() ?? [];",
      ].toSorted(
        (one, other) =>
          changes("const a = b?.c.toSorted() ?? [d];").indexOf(one) -
          changes("const a = b?.c.toSorted() ?? [d];").indexOf(other),
      ),
    );
  });

  it("touch no types, no imports and no names of members", () => {
    expect(changes('import a from "b";\nexport { c } from "d";\ntype E = "f" | 1;\nlet g: "h";')).toEqual([]);
    expect(changes('const a = { "b-c": d };')).toEqual(["const a = {};"]);
  });

  it("are noted where they are reached, and a text with notes does what it did", async () => {
    const noted = withNotes(text, (id) => `globalThis.__noted.add(${id})`).replace(
      /: readonly number\[\]|: number/g,
      "",
    );
    const notes = new Set<number>();
    Object.assign(globalThis, { __noted: notes });
    const read = (await import(`data:text/javascript,${encodeURIComponent(noted)}`)) as {
      toll(ages: readonly number[], each: number): number;
    };
    expect(read.toll([30, 5], 7)).toBe(7);
    expect(new Set(mutantsOf(toll, text).map(({ point }) => point))).toEqual(notes);
  });

  it("that are equivalent are told apart by the words of their line, and an entry that names none is stale", () => {
    const mutants = mutantsOf(toll, text);
    const known = { file: toll, line: "let sum = 0;", from: "0", to: "1", reason: "only here to be told apart" };
    const gone = { ...known, line: "let sum = 1;" };
    const { real, equivalent, stale } = apart(mutants, [known, gone]);
    expect(equivalent.map(told)).toEqual([`${toll}:5  0  ->  1`]);
    expect(real.length).toBe(mutants.length - 1);
    expect(stale).toEqual([gone]);
  });
});

describe("the list of mutants that no test can notice", () => {
  it("names such as there are", () => {
    const scope = scopeOf(root);
    const mutants = scope.flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")));
    const listed = readEquivalents(join(root, "test/mutation/equivalent.yaml"));
    expect(listed.length).toBeGreaterThan(50);
    expect(listed.filter(({ file }) => !scope.includes(file))).toEqual([]);
    expect(apart(mutants, listed).stale).toEqual([]);
  }, 300_000);
});

describe("a sample", () => {
  const all = Array.from({ length: 1_000 }, (_, at) => at);

  it("is the same for a seed, another for another, without repeats, and its first are a sample too", () => {
    expect(sampleOf(all, 100, 7)).toEqual(sampleOf(all, 100, 7));
    expect(sampleOf(all, 100, 7)).not.toEqual(sampleOf(all, 100, 8));
    const some = sampleOf(all, 100, 7);
    expect(new Set(some).size).toBe(100);
    expect(sampleOf(all, 10, 7)).toEqual(some.slice(0, 10));
    expect(sampleOf(all, 5_000, 7).toSorted((one, other) => one - other)).toEqual(all);
  });

  it("takes each with the same chance", () => {
    const taken = all.slice(0, 20).map(() => 0);
    for (let seed = 1; seed <= 2_000; seed++)
      for (const one of sampleOf(all.slice(0, 20), 5, seed)) taken[one] = (taken[one] ?? 0) + 1;
    // 500 expected of each; five standard deviations are 97.
    for (const count of taken) expect(Math.abs(count - 500)).toBeLessThan(97);
  });

  it("is told with its interval", () => {
    expect(wilson(90, 100).map((bound) => bound.toFixed(4))).toEqual(["0.8256", "0.9448"]);
    expect(wilson(0, 10)[0]).toBe(0);
    expect(wilson(10, 10)[1]).toBeCloseTo(1);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});
