import { afterEach, describe, expect, it, vi } from "vitest";
import { Solver, type SolverCommand, solverCommands } from "./solver.ts";

const open: Solver[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function solverOf(...commands: readonly SolverCommand[]): Solver {
  const solver = new Solver(commands);
  open.push(solver);
  return solver;
}

/** A program in place of a solver: `told` is what it prints for one line, before it answers the mark. */
function pretender(told: string, name = "pretender"): SolverCommand {
  const script = `
    const seen = [];
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const mark = /^.echo "(.*)"/.exec(line);
      if (mark) return console.log(mark[1]);
      seen.push(line);
      const say = console.log;
      ${told}
    });`;
  return { name, command: process.execPath, args: ["-e", script], env: {} };
}

const nowhere: SolverCommand = { name: "nowhere", command: "/nowhere/z3", args: [], env: {} };
const dies: SolverCommand = { name: "dies", command: process.execPath, args: ["-e", "process.exit(1)"], env: {} };
const answers = (answer: string) => pretender(`if (line === "(check-sat)") say(${JSON.stringify(answer)});`);

describe("a solver", () => {
  it("is asked within a level of its own, that is left when it is told to forget", async () => {
    const solver = solverOf(
      pretender(
        'if (line === "(check-sat)") say("sat"); if (line.startsWith("(get-value")) say("((v " + JSON.stringify(seen.join(" ")) + "))");',
      ),
    );
    expect(await solver.check(["(assert a)", "(assert b)"], 20_000)).toEqual({ kind: "sat" });
    await solver.forget();
    expect(await solver.check([], 20_000)).toEqual({ kind: "sat" });
    expect(await solver.values(["v"], 20_000)).toEqual([
      '"(set-option :produce-models true) (set-logic ALL) (push 1) (assert a) (assert b) (check-sat) (pop 1) (push 1) (check-sat) (get-value (v))"',
    ]);
    expect(solver.name).toBe("pretender");
  });

  it.each([
    ["sat", { kind: "sat" }],
    ["unsat", { kind: "unsat" }],
    ["unknown", { kind: "failed", why: "the solver does not know" }],
    ["", { kind: "failed", why: "the solver's answer cannot be read" }],
    ["sat\nsat", { kind: "failed", why: "the solver's answer cannot be read" }],
    ['(error "no")\nunsat', { kind: "failed", why: "the solver's answer cannot be read" }],
  ])("that prints `%s` is taken at its word and no further", async (printed, answer) => {
    expect(await solverOf(answers(printed)).check([], 20_000)).toEqual(answer);
  });

  it("whose mark comes in pieces and in quotes is waited for", async () => {
    const script = `process.stdin.on("data", (text) => {
      const mark = /echo "(.*)"/.exec(text)[1];
      process.stdout.write((/check-sat/.test(text) ? "unsat\\n" : "") + '"' + mark.slice(0, 5));
      setTimeout(() => process.stdout.write(mark.slice(5) + '"'), 20);
      setTimeout(() => process.stdout.write("\\n"), 40);
    });`;
    const solver = solverOf({ name: "slow", command: process.execPath, args: ["-e", script], env: {} });
    expect(await solver.check([], 20_000)).toEqual({ kind: "unsat" });
  });

  it("tells as many values as were asked for, or none", async () => {
    const solver = solverOf(
      pretender(
        'if (line === "(check-sat)") say("sat"); if (line === "(get-value (a b))") say("((a 1) (b (- 2)))"); if (line === "(get-value (a))") say("((a 1) (b 2))");',
      ),
    );
    await solver.check([], 20_000);
    expect(await solver.values(["a", "b"], 20_000)).toEqual(["1", "(- 2)"]);
    expect(await solver.values([], 20_000)).toEqual([]);
    expect(await solver.values(["a"], 20_000)).toBeUndefined();
    expect(await solver.values(["c"], 20_000)).toBeUndefined();
  });

  it("that is gone tells no values, has nothing to forget, and is started anew with the next question", async () => {
    const solver = solverOf(answers("unsat"));
    expect(await solver.values(["a"], 20_000)).toBeUndefined();
    await solver.forget();
    expect(await solver.check([], 20_000)).toEqual({ kind: "unsat" });
    solver.close();
    expect(await solver.values(["a"], 20_000)).toBeUndefined();
    expect(await solver.check([], 20_000)).toEqual({ kind: "unsat" });
  });

  it("that takes too long is ended, and another answers the next question", async () => {
    const solver = solverOf(pretender(`if (line === "(hang)") for (;;); if (line === "(check-sat)") say("sat");`));
    const started = performance.now();
    expect(await solver.check(["(hang)"], 300)).toEqual({ kind: "failed", why: "it ran out of time" });
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(await solver.check([], 20_000)).toEqual({ kind: "sat" });
  });

  it("that dies or talks without end is ended", async () => {
    expect(await solverOf(pretender('if (line === "(check-sat)") process.exit(3);')).check([], 20_000)).toEqual({
      kind: "failed",
      why: "the solver died",
    });
    const endless = pretender('if (line === "(check-sat)") for (let at = 0; at < 9; at++) say("x".repeat(1_000_000));');
    expect(await solverOf(endless).check([], 20_000)).toEqual({
      kind: "failed",
      why: "the solver's answer is too long",
    });
    const long = pretender('if (line === "(check-sat)") for (let at = 0; at < 5; at++) say("x".repeat(1_000_000));');
    expect(await solverOf(long).check([], 20_000)).toEqual({
      kind: "failed",
      why: "the solver's answer cannot be read",
    });
  });

  it("is the first of those that start, from then on", async () => {
    const solver = solverOf(nowhere, dies, answers("unsat"));
    expect(solver.name).toBe("nowhere");
    for (let times = 0; times < 2; times++) {
      expect(await solver.check([], 20_000)).toEqual({ kind: "unsat" });
      expect(solver.name).toBe("pretender");
      solver.close();
    }
  });

  it("has twenty seconds to start and to forget, and to answer what it is given; what came in time is waited for no longer", async () => {
    const [made, cleared] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
    try {
      const solver = solverOf(answers("sat"));
      await solver.check([], 3_000);
      await solver.values(["v"], 4_000);
      const answering = solverOf(answers("sat"));
      await answering.check([], 5_000);
      await answering.forget();
      const bounds = made.mock.calls.flatMap(([, ms], at) =>
        ms !== undefined && ms >= 1_000 ? [{ ms, timer: made.mock.results[at]?.value as unknown }] : [],
      );
      expect(bounds.map(({ ms }) => ms)).toEqual([20_000, 3_000, 4_000, 20_000, 5_000, 20_000]);
      const over = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
      for (const { ms, timer } of bounds) expect(over.has(timer), `${ms}`).toBe(true);
    } finally {
      for (const spy of [made, cleared]) spy.mockRestore();
    }
  });

  it("that is not there is told apart from one that does not start", async () => {
    const none =
      "no solver is installed: neither `z3` nor `cvc5` is on the path, and the npm package `z3-solver` is not there";
    for (const [commands, why] of [
      [[], none],
      [[nowhere], none],
      [[dies], "the solver `dies` does not start"],
      [[nowhere, dies], "the solver `dies` does not start"],
      [[dies, nowhere], "the solver `dies` does not start"],
      [[pretender('say("hello");', "talks")], "the solver `talks` does not start"],
    ] as const) {
      const solver = solverOf(...commands);
      for (const _ of ["first", "again"]) expect(await solver.check([], 20_000)).toEqual({ kind: "failed", why });
      expect(solver.name).toBeUndefined();
      expect(await solver.values(["a"], 20_000)).toBeUndefined();
    }
  });

  it("sees nothing of the environment but what it is given", async () => {
    const told = 'if (line === "(check-sat)") say(Object.keys(process.env).join() === "ONLY" ? "sat" : "unsat");';
    process.env.SOLVER_SECRET = "secret";
    const solver = solverOf({ ...pretender(told), env: { ONLY: "x" } });
    expect(await solver.check([], 20_000)).toEqual({ kind: "sat" });
  });
});

it("solvers on the path come before the one that is installed as a package", () => {
  const commands = solverCommands("/bin");
  expect(commands.map(({ name, command, args, env }) => [name, command, args, env])).toEqual([
    ["z3", "z3", ["-in", "-smt2"], { PATH: "/bin" }],
    [
      "cvc5",
      "cvc5",
      ["--lang=smt2", "--incremental", "--produce-models", "--strings-exp", "--quiet"],
      { PATH: "/bin" },
    ],
    ["z3-solver", process.execPath, [expect.stringMatching(/prove\/z3-worker\.ts$/)], {}],
  ]);
  expect(solverCommands(undefined)[0]?.env).toEqual({});
});

it("the package `z3-solver` answers as one on the path does", async () => {
  const solver = solverOf(...solverCommands(undefined).filter(({ name }) => name === "z3-solver"));
  expect(await solver.check(["(declare-const x Int)", "(assert (< x 3))", "(assert (> x 1))"], 20_000)).toEqual({
    kind: "sat",
  });
  expect(await solver.values(["x", "(+ x 1)"], 20_000)).toEqual(["2", "3"]);
  await solver.forget();
  expect(await solver.check(["(declare-const x String)", '(assert (= x "a\\u{22}"))'], 20_000)).toEqual({
    kind: "sat",
  });
  expect(await solver.values(["x"], 20_000)).toEqual(['"a"""']);
  await solver.forget();
  expect(await solver.check(["(assert false)"], 20_000)).toEqual({ kind: "unsat" });
});
