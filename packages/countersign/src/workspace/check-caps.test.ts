import { describe, expect, it } from "vitest";
import { loadPacks } from "../catalog/index.ts";
import { check } from "./check.ts";
import { misfit } from "./check-normalise.ts";
import { sentence } from "./finding.ts";
import { plan } from "./plan.ts";

const files = {
  "countersign.yaml": `organisation: Acme
singlePerson: true
people: [{ email: ana@acme.example, name: Ana, roles: [admin, approver, dri] }]
agents: [{ name: scribe, owner: ana@acme.example }]
environments: { sandbox: { production: false }, live: { production: true } }
`,
  "tools/notes.yaml": `server: notes
transport: { kind: package, package: "@modelcontextprotocol/server-memory" }
pack: memory@1
environment: sandbox
tools:
  wipe:
    verb: execute
    normalise: { to: email, amount: { as: money, unit: minor, currency: EUR } }
    reach: { customers: parsed.to.count, money: parsed.amount }
`,
  "workflows/upkeep.yaml": `workflow: upkeep
purpose: keep the notes
dri: ana@acme.example
pattern: guardrailed
agents: [scribe]
tier: 2
allow:
  - notes.read_graph
  - notes.delete_entities
  - notes.wipe
caps: { objects: 500, money: 500 EUR }
`,
};

type File = keyof typeof files;

async function problems(file?: File, from = "", to = ""): Promise<readonly string[]> {
  const changed = file === undefined ? files : { ...files, [file]: files[file].replaceAll(from, to) };
  const found = check(changed, { packs: await loadPacks() }).problems;
  return found.map(sentence);
}

describe("caps, and what they are counted from", () => {
  it("say for which tools they do not hold", async () => {
    expect(await problems()).toEqual([
      "workflows/upkeep.yaml:9:5: warning: the cap on money does not hold for `notes.delete_entities`, which does not count it; expected a tool whose rule says `reach: { money: … }`",
      "workflows/upkeep.yaml:10:5: warning: the cap on objects does not hold for `notes.wipe`, which does not count it; expected a tool whose rule says `reach: { objects: … }`",
    ]);
  });

  it.each<[string, File, string, string, string]>([
    [
      "a cap that nothing counts",
      "workflows/upkeep.yaml",
      "objects: 500",
      "nodes: 3",
      "workflows/upkeep.yaml:11:9: error: no tool of the workflow counts nodes, so the cap would cap nothing",
    ],
    [
      "a currency that is none",
      "workflows/upkeep.yaml",
      "500 EUR",
      "500 EUX",
      "workflows/upkeep.yaml:11:30: error: `EUX` is no currency that amounts are read in",
    ],
    ["a unit that is none", "workflows/upkeep.yaml", "objects:", "object:", "did you mean `objects`?"],
    [
      "a cap of nothing",
      "workflows/upkeep.yaml",
      "objects: 500",
      "objects: 0",
      "workflows/upkeep.yaml:11:18: error: this is less than 1",
    ],
    [
      "a normaliser that is none",
      "tools/notes.yaml",
      "to: email",
      "to: emial",
      "tools/notes.yaml:8:22: error: `emial` is not one of the choices",
    ],
    ["a normaliser that is none, with more", "tools/notes.yaml", "as: money", "as: mony", "did you mean `money`?"],
    ["an option that is none", "tools/notes.yaml", "unit: minor", "units: minor", "did you mean `unit`?"],
    ["a unit of money that is none", "tools/notes.yaml", "unit: minor", "unit: cents", "tools/notes.yaml:8"],
    [
      "a count of a value that is none",
      "tools/notes.yaml",
      "parsed.to.count",
      "parsed.too.count",
      "there is no parsed value `too`; expected one of `to`, `amount`; did you mean `to`?",
    ],
    [
      "a count in what nothing reads",
      "tools/notes.yaml",
      "parsed.to.count",
      "before.structuredContent.rows",
      "tools/notes.yaml:9:25: error: nothing is read before a call of this tool, so what stands there can never be counted",
    ],
    [
      "money that is none",
      "tools/notes.yaml",
      "money: parsed.amount",
      "money: parsed.to",
      "`to` is normalised as email; expected a value that is money",
    ],
  ])("name the place and what was meant: %s", async (_, file, from, to, expected) => {
    const found = await problems(file, from, to);
    expect(found.filter((one) => one.includes(": error: ")).join("\n")).toContain(expected);
    if (expected.includes("emial")) expect(found.join()).toContain("did you mean `email`?");
  });

  it("are planned as wider where a call may touch more", async () => {
    const packs = await loadPacks();
    const read = (text: string) => {
      const { workspace } = check({ ...files, "workflows/upkeep.yaml": text }, { packs });
      if (workspace === undefined) throw new Error("not valid");
      return workspace;
    };
    const was = read(files["workflows/upkeep.yaml"]);
    const changes = (caps: string) =>
      plan(was, read(files["workflows/upkeep.yaml"].replace(/caps: .*/, caps))).changes.map(
        ({ sentence: said, risk }) => `${risk}: ${said}`,
      );
    expect(changes("caps: { objects: 501, money: 500 EUR }")).toEqual([
      "wider: one call may touch at most 501 objects; it was 500",
    ]);
    expect(changes("caps: { objects: 10, money: 1 EUR }")).toEqual([
      "none: one call may touch at most 10 objects; it was 500",
      "none: how much money one call may move changes",
    ]);
    expect(changes("")).toEqual([
      "wider: one call may touch any number of objects; it was 500",
      "wider: how much money one call may move changes",
    ]);
    expect(changes("caps: { objects: 500, money: 500 JPY }")).toEqual([
      "wider: how much money one call may move changes",
    ]);
  });
});

describe("whether a normaliser fits an argument", () => {
  const schema = {
    type: "object",
    properties: {
      to: { anyOf: [{ type: "string" }, { type: "null" }] },
      files: { type: "array", items: { $ref: "#/$defs/File" } },
      ids: { type: ["array", "null"], items: { type: "string" } },
      count: { type: "integer" },
      anything: {},
    },
    $defs: { File: { type: "object", properties: { path: { type: "string" } } } },
  };
  it.each([
    ["to", { as: "email" as const }, undefined],
    ["files", { as: "path" as const, from: "files.*.path" }, undefined],
    ["ids", { as: "email" as const }, undefined],
    ["count", { as: "money" as const }, undefined],
    ["anything", { as: "sql" as const }, undefined],
    ["too", { as: "email" as const }, "there is no argument `too`"],
    ["files", { as: "path" as const, from: "files.*.pth" }, "there is no argument `pth`"],
    ["files", { as: "path" as const, from: "to.*.path" }, "`to.*.path` goes into something that is no list"],
    [
      "files",
      { as: "sql" as const, from: "files.*.path" },
      "the argument is declared as array, and `sql` does not read array",
    ],
    ["count", { as: "email" as const }, "the argument is declared as integer, and `email` does not read integer"],
    ["constructor", { as: "email" as const }, "there is no argument `constructor`"],
  ])("%s %j: %s", (name, want, expected) => {
    expect(misfit(name, want, schema)?.message).toBe(expected);
  });
});
