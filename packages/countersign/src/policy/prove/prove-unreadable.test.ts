import { describe, expect, it } from "vitest";
import { acme, asks } from "../acme.fixture.ts";
import { decide } from "../decide.ts";
import { prove } from "./prove.ts";
import { readOwn } from "./read-invariants.ts";
import { Solver, solverCommands } from "./solver.ts";

const limits = { questionMs: 20_000, invariantMs: 60_000, now: () => performance.now() };

describe("an invariant and an argument that no policy can read", () => {
  it("holds of both effects: such an argument denies where a policy reads it, and where none does it is absent", async () => {
    const text = `@id("empty") forbid (principal, action == Action::"helpdesk.draft_reply", resource)
      when { context.args has body && context.args.body == "" };
      @id("asked") @cure("approval") @from("sre") @count("1") @open("4h") @valid("1h") @exclude("nobody")
      forbid (principal, action == Action::"helpdesk.draft_reply", resource)
      when { !(context.args has body) } unless { context.facts.cured.contains("asked") };`;
    const policies = await acme(text);
    const input = asks({ tool: "helpdesk.draft_reply", verb: "propose", args: { body: "x".repeat(300_000) } });
    expect(decide(input, policies).effect).toBe("deny");
    const about = 'context.tool.id == "helpdesk.draft_reply"';
    const told = { source: "own", observed: true, file: "f", line: 1, column: 1, title: "t" } as const;
    const { invariants, faults } = await readOwn(
      [
        { ...told, name: "none", never: "allow", when: `${about} && context.args has body && context.args.body == ""` },
        {
          ...told,
          name: "asks",
          never: "require",
          when: `${about} && context.args has body && context.args.body == ""`,
        },
        { ...told, name: "absent", never: "require", when: `${about} && !(context.args has body)` },
      ],
      policies,
    );
    expect(faults).toEqual([]);
    const solver = new Solver(solverCommands(undefined));
    try {
      const answers: string[] = [];
      for (const one of invariants) answers.push((await prove(policies, one, solver, limits)).answer);
      expect(answers).toEqual(["proved", "proved", "counter-example"]);
    } finally {
      solver.close();
    }
  });
});
