import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { check, readRequest } from "./check.ts";
import { kindOf } from "./files.ts";
import { sentence } from "./finding.ts";
import { plan } from "./plan.ts";
import { publishedSchemas } from "./schemas.ts";
import { readYaml } from "./yaml.ts";

const organisation = `organisation: Acme
singlePerson: true
people: [{ email: ana@acme.example, name: Ana, roles: [dri, admin, approver] }]
environments: { sandbox: { production: false } }
`;
const sound = `cases:
  - name: a page is written
    agent: scribe
    tool: files.write_file
    args: { path: a, deep: [{ b: null }, 1.5] }
    approvals: [ana@acme.example, { person: bo@acme.example, policy: x, ago: 2h }]
    checks: { secrets: fail, schema: { verdict: pass, ago: 20m } }
    facts: { reversal: plan, sums: { "w/guardrail/day": 5 }, steps: { "w/guardrail/slow": 3 }, formerly: [w/guardrail/seen], previous: [w/guardrail/last] }
    expect: { effect: require, requires: [{ approval: dri, count: 2 }, { check: secrets }, { wait: "2026-12-01T08:00:00Z" }] }
`;
const file = "policies/pages.test.yaml";
const found = (text: string): readonly string[] =>
  check({ "countersign.yaml": organisation, [file]: text }).problems.map(sentence);

it("cases are read with their place, and what they leave out", () => {
  expect(kindOf(file)).toBe("tests");
  const { workspace, problems } = check({ "countersign.yaml": organisation, [file]: sound });
  expect(problems.map(sentence)).toEqual([]);
  expect(workspace?.tests).toMatchObject([
    {
      file,
      cases: [
        {
          line: 2,
          column: 5,
          approvals: [
            { person: "ana@acme.example", agoMs: 0 },
            { person: "bo@acme.example", policy: "x", agoMs: 7_200_000 },
          ],
          checks: { secrets: { verdict: "fail", agoMs: 0 }, schema: { verdict: "pass", agoMs: 1_200_000 } },
          facts: {
            stopped: false,
            reviewed: true,
            reversal: "plan",
            tainted: false,
            sums: { "w/guardrail/day": 5 },
            steps: { "w/guardrail/slow": 3 },
            formerly: ["w/guardrail/seen"],
            previous: ["w/guardrail/last"],
          },
          at: "2026-01-05T12:00:00Z",
        },
      ],
    },
  ]);
});

it("a slip is told with its place and what was meant", () => {
  expect(found(sound.replace("effect: require", "effect: requires"))[0]).toMatch(
    /pages\.test\.yaml:9:\d+: error: .*did you mean `require`\?/,
  );
  expect(found(sound.replace("approvals:", "aprovals:"))[0]).toMatch(
    /pages\.test\.yaml:6:\d+: error: .*did you mean `approvals`\?/,
  );
  expect(found(sound + sound.slice(sound.indexOf("  - name"))).join()).toContain(
    "there is another case `a page is written`",
  );
  expect(found("cases: []")).toHaveLength(1);
});

it("the published schema says the same as `check`", () => {
  const published = publishedSchemas().find((one) => one.file === "policy-tests.schema.json");
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(published?.text ?? ""));
  const value = readYaml(file, sound).source?.value;
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...Object(value), unheard: 1 })).toBe(false);
  expect(validate(readYaml(file, sound.replace("effect: require", "effect: requires")).source?.value)).toBe(false);
});

it("a plan says which tests come, go and change", () => {
  const workspaceOf = (text: string) => check({ "countersign.yaml": organisation, [file]: text }).workspace!;
  const changes = (was: string, is: string) =>
    plan(workspaceOf(was), workspaceOf(is)).changes.map(({ sentence: said, risk }) => [said, risk]);
  const other = sound.replace("name: a page is written", "name: a page is read");
  expect(changes(sound, other)).toEqual([
    ["tests `a page is read`", "none"],
    ["no longer tests `a page is written`", "unclear"],
  ]);
  expect(changes(sound, sound.replace("effect: require", "effect: deny"))).toEqual([["its cases change", "unclear"]]);
});

it("a request is read alike, also as JSON", () => {
  const { request } = readRequest("request", '{"agent": "scribe", "tool": "files.write_file"}');
  expect(request).toMatchObject({ agent: "scribe", args: {}, approvals: [] });
  expect(readRequest("request", "agent: scribe\ntool: files.*\n").problems.map(sentence)[0]).toContain(
    "request:2:7: error: a wildcard is refused",
  );
});
