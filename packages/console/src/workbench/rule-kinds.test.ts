import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type About, kindsFor, type RuleKind, ruleFile, ruleKinds } from "./rule-kinds.ts";

const about: About = {
  action: "act_1",
  workflow: "docs-upkeep",
  tool: "files.write_file",
  environment: "sandbox",
  target: 'pages/"a"\n.md',
};
const workflow = "workflow: docs-upkeep\nallow: [files.write_file]\n";
const files = { "workflows/docs-upkeep.yaml": workflow };

describe("a proposed rule", () => {
  it("in Cedar is a file of its own with a free name, and says exactly which call it is about", () => {
    const refuse = ruleFile("refuse", about, files);
    expect(refuse.file).toBe("policies/refuse-files-write-file-in-docs-upkeep.cedar");
    expect(refuse.text).toContain('forbid (principal in Workflow::"docs-upkeep", action == Action::"files.write_file"');
    expect(refuse.text).toContain('resource.target == "pages/\\"a\\"\\u{a}.md" };');
    const again = ruleFile("refuse", about, { ...files, [refuse.file]: refuse.text });
    expect(again.file).toBe("policies/refuse-files-write-file-in-docs-upkeep-2.cedar");
    const ask = ruleFile("ask", { ...about, target: "" }, files).text;
    expect(ask).toContain('@cure("approval") @from("dri")');
    expect(ask).toContain('unless { context.facts.cured.contains("ask-files-write-file-in-docs-upkeep") };');
    expect(ask).not.toContain("resource.target");
  });

  it("of hostile words is one string each, whatever they hold", () => {
    const hostile = "files.a]\nflow: off\n# \u2028\"'*/ $& $1 : {";
    const told = {
      ...about,
      action: "act_1\nforbid (principal, action, resource);",
      tool: hostile,
      environment: hostile,
    };
    for (const kind of Object.keys(ruleKinds) as RuleKind[]) {
      const { file, text } = ruleFile(kind, told, files);
      if (file.endsWith(".cedar")) {
        expect(text.split(/[\n\u2028]/).filter((line) => /^(flow|forbid)/.test(line))).toHaveLength(1);
        expect(text).not.toMatch(/^forbid \(principal, action/m);
        continue;
      }
      const { guardrails, ...rest } = parse(text);
      expect(rest).toEqual(parse(workflow));
      expect(guardrails).toHaveLength(1);
      expect(guardrails[0].tools).toEqual([hostile]);
      if (kind === "only-within") expect(guardrails[0].environments).toEqual([hostile]);
    }
  });

  it("is a guardrail only for a tool that the catalog knows, in a workflow that is in force", () => {
    expect(kindsFor(about, ["files.write_file"], files)).toEqual(Object.keys(ruleKinds));
    expect(kindsFor(about, ["files.read_file"], files)).toEqual(["refuse", "ask"]);
    expect(kindsFor(about, ["files.write_file"], {})).toEqual(["refuse", "ask"]);
  });

  it("as a guardrail stands in the workflow's file, whose other words stay", () => {
    const kinds = (Object.keys(ruleKinds) as (keyof typeof ruleKinds)[]).filter(
      (kind) => kind !== "refuse" && kind !== "ask",
    );
    for (const kind of kinds) {
      const { file, text } = ruleFile(kind, about, files);
      expect(file).toBe("workflows/docs-upkeep.yaml");
      expect(parse(text)).toMatchObject({
        ...parse(workflow),
        guardrails: [{ use: kind, tools: ["files.write_file"] }],
      });
      const listed = ruleFile(kind, about, { [file]: `guardrails:\n  - use: freeze\n${workflow}` }).text;
      expect(parse(listed).guardrails.map(({ use }: { use: string }) => use)).toEqual([kind, "freeze"]);
      expect(parse(ruleFile(kind, about, { [file]: `${workflow}guardrails: []\n` }).text).guardrails).toHaveLength(1);
    }
  });
});
