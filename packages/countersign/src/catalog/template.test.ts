import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Problem } from "../floor/problem.ts";
import { fillTemplate, firstText, look } from "./template.ts";

const scope = {
  args: {
    path: "/a",
    count: 3,
    list: [1, 2],
    entities: [
      { name: "x", notes: ["p", "q"] },
      { name: "y", notes: [] },
    ],
  },
  before: { content: [{ text: "old {{args.path}}" }] },
};

describe("fillTemplate", () => {
  it("keeps the type of a value that is the whole string, and joins text otherwise", () => {
    expect(fillTemplate("{{args.count}}", scope)).toBe(3);
    expect(fillTemplate({ a: ["{{args.list}}"] }, scope)).toEqual({ a: [[1, 2]] });
    expect(fillTemplate("n={{args.count}} at {{args.path}}", scope)).toBe("n=3 at /a");
  });

  it("maps over lists, flattens, and builds a value for each item", () => {
    expect(fillTemplate("{{args.entities.*.name}}", scope)).toEqual(["x", "y"]);
    expect(fillTemplate("{{args.entities.*.notes.*}}", scope)).toEqual(["p", "q"]);
    expect(fillTemplate({ $each: "{{args.entities}}", $give: { n: "{{item.name}}" } }, scope)).toEqual([
      { n: "x" },
      { n: "y" },
    ]);
  });

  it("never evaluates again what it put in", () => {
    expect(fillTemplate("{{before.content.0.text}}", scope)).toBe("old {{args.path}}");
  });

  it("refuses what it does not know instead of leaving it empty", () => {
    const bad = [
      "{{args.none}}",
      "x{{args.none}}",
      "{{nothing.at.all}}",
      "{{args.list.7}}",
      "{{args.path.*}}",
      "{{args.list",
      "a {{args.list}}",
      "{{}}",
      "{{args.list.01}}",
      "{{args.list.-1}}",
    ];
    for (const template of bad) expect(() => fillTemplate(template, scope), template).toThrow(Problem);
    expect(() => fillTemplate({ $each: "{{args.path}}", $give: 1 }, scope)).toThrow(Problem);
  });

  it("sees own members only", () => {
    for (const path of ["args.constructor", "args.__proto__", "constructor.name", "args.list.length", "__proto__"])
      expect(look(scope, path)).toBeUndefined();
    const sent = JSON.parse('{"__proto__":"mine"}');
    expect(look({ args: sent }, "args.__proto__")).toBe("mine");
  });

  it("reads a text as JSON where the template says so, and nothing else as anything", () => {
    const before = { content: [{ type: "text", text: '{"labels":[{"name":"a"},{"name":"b"}],"__proto__":1}' }] };
    expect(fillTemplate("{{before.content.0.text.$json.labels.*.name}}", { before })).toEqual(["a", "b"]);
    for (const path of ["content.0.$json", "content.0.text.$json.constructor", "content.0.type.$json", "$json"])
      expect(look({ before }, `before.${path}`), path).toBeUndefined();
    expect(fillTemplate("{{args.v}}", { args: { v: "$json" } })).toBe("$json");
  });

  it("reads a text as YAML where the template says so, and only what every reader takes for the same", () => {
    const text = "# below\napiVersion: v1\nspec:\n  replicas: 3\n  paused: no\n  old: 010\nnames: [a, b]\n";
    const before = {
      content: [{ text }, { text: `${text}---\na: 1\n` }, { text: "a: &a 1" }, { text: "" }, { text: "a: [" }],
    };
    expect(fillTemplate("{{before.content.0.text.$yaml.spec.replicas}}", { before })).toBe(3);
    expect(fillTemplate("{{before.content.0.text.$yaml.names}}", { before })).toEqual(["a", "b"]);
    const none =
      "0.text.$yaml.spec.paused 0.text.$yaml.spec.old 0.text.$yaml.spec 0.text.$yaml.constructor 1.text.$yaml.spec.replicas";
    for (const path of `${none} 2.text.$yaml.a 3.text.$yaml 4.text.$yaml.a 0.$yaml`.split(" "))
      expect(look({ before }, `before.content.${path}`), path).toBeUndefined();
  });

  it("gives any argument back unchanged", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value));
        expect(fillTemplate("{{args.v}}", { args: { v: json } })).toEqual(json);
      }),
    );
  });
});

describe("firstText", () => {
  it("takes the first template that is complete", () => {
    expect(firstText(["{{args.none}} x", "{{args.path}}#{{args.count}}"], scope)).toBe("/a#3");
    expect(firstText(["{{args.none}}", "{{args.list}}"], scope)).toBeUndefined();
  });
});
