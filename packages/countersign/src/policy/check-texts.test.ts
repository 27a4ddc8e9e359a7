import { expect, it } from "vitest";
import { checkTexts } from "./check-texts.ts";

const file = (name: string, text: string) => ({ file: `policies/${name}.cedar`, text });
const forbid = (id: string) => `@id("${id}") forbid (principal, action, resource);`;
const asks = (id: string, from: string) =>
  `@id("${id}") @cure("approval") @from("${from}") @count("1") @open("4h") @valid("1h") @exclude("nobody")
forbid (principal, action, resource) unless { context.facts.cured.contains("${id}") };`;

it("texts without a catalog have faults of their own: syntax, annotations, people, ids", async () => {
  expect(await checkTexts([], {})).toEqual([]);
  expect(await checkTexts([file("a", forbid("a")), file("b", asks("b", "sre"))], { groups: ["sre"] })).toEqual([]);
  // What only a catalog knows is not asked here.
  expect(
    await checkTexts([file("a", '@id("a") forbid (principal, action == Action::"no.such", resource);')], {}),
  ).toEqual([]);
  const found = await checkTexts(
    [
      file("a", `${forbid("a")}\n${asks("b", "sr")}`),
      file(
        "b",
        `${forbid("c")}\n  ${forbid("a")}\n${forbid("a")}\nforbid (principal, action, resource);\n@title("x") forbid (principal, action, resource);`,
      ),
    ],
    { groups: ["sre"] },
  );
  expect(found.map(({ file: where, line, detail }) => [where, line, detail])).toEqual([
    ["policies/a.cedar", 2, "there is no group `sr` to approve"],
    ["policies/b.cedar", 4, "a policy needs an `@id`"],
    ["policies/b.cedar", 5, "a policy needs an `@id`"],
    ["policies/b.cedar", 2, "the id `a` is taken by a policy in policies/a.cedar"],
    ["policies/b.cedar", 3, "the id `a` is taken by a policy in policies/a.cedar"],
  ]);
  expect(found[3]).toEqual({
    file: "policies/b.cedar",
    line: 2,
    column: 3,
    detail: "the id `a` is taken by a policy in policies/a.cedar",
  });
  const broken = await checkTexts([file("a", "forbid"), file("b", asks("b", "sr"))], { groups: ["sre"] });
  expect(broken.map(({ file: where }) => where)).toEqual(["policies/a.cedar", "policies/b.cedar"]);
});

it("texts without a catalog name workflows and agents that there are", async () => {
  const texts = [file("a", '@id("a") forbid (principal in Workflow::"suport", action, resource);')];
  expect(await checkTexts(texts, { workflows: [{ workflow: "support", agents: ["desk"] }] })).toEqual([
    {
      file: "policies/a.cedar",
      line: 1,
      column: 1,
      policy: "a",
      detail: "there is no workflow `suport`",
      help: "did you mean `support`?",
    },
  ]);
  expect(await checkTexts(texts, {})).toEqual([]);
});
