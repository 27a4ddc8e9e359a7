import { expect, it } from "vitest";
import { asks } from "../acme.fixture.ts";
import { forbid, permit, smallSet } from "../small-set.fixture.ts";
import { coverageOf } from "./coverage.ts";

const policies = smallSet(
  [permit("may", "", "s.t"), permit("other", "", "s.u")].join("\n"),
  forbid("big", "when { context.args has amount && context.args.amount > 500 }"),
);
const call = (args: { readonly [name: string]: number }, workflow = "w") =>
  asks({ tool: "s.t", verb: "execute", args, principal: { agent: "bot", workflow } });

it("coverage counts where a policy was asked about, held, and was kept from holding by each of its conditions", () => {
  const two = [call({}), call({ amount: 5 }), call({ amount: 501 }, "v"), call({ amount: 502 })];
  expect(coverageOf(policies, two)).toEqual([
    {
      policy: "may",
      source: "workflow",
      asked: 4,
      held: 3,
      conditions: [{ text: 'principal in Workflow::"w"', decisive: 1 }],
      covered: true,
    },
    {
      policy: "other",
      source: "workflow",
      asked: 0,
      held: 0,
      conditions: [{ text: 'principal in Workflow::"w"', decisive: 0 }],
      covered: false,
    },
    {
      policy: "big",
      source: "own",
      asked: 4,
      held: 2,
      conditions: [
        { text: "when { context.args has amount }", decisive: 1 },
        { text: "when { context.args.amount > 500 }", decisive: 1 },
      ],
      covered: true,
    },
  ]);
  const coveredBy = (...inputs: readonly ReturnType<typeof call>[]) =>
    coverageOf(policies, inputs).flatMap(({ policy, covered }) => (covered ? [policy] : []));
  expect(coveredBy(call({ amount: 5 }), call({ amount: 502 }))).toEqual([]);
  expect(coveredBy(call({}), call({ amount: 5 }))).toEqual([]);
  expect(coveredBy(call({}), call({ amount: 5 }), call({ amount: 502 }))).toEqual(["big"]);
});
