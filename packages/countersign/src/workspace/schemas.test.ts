import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { loadPacks } from "../catalog/index.ts";
import { check } from "./check.ts";
import { sentence } from "./finding.ts";
import { read } from "./read.ts";
import { publishedSchemas } from "./schemas.ts";
import { readYaml } from "./yaml.ts";

const folder = new URL("../../../contract/schemas/", import.meta.url);
const example = new URL("../../../../examples/workspace/", import.meta.url);

describe("the published JSON Schemas", () => {
  it.each(publishedSchemas().map(({ file, text }) => [file, text] as const))("%s is current", async (file, text) => {
    // Values are compared, not texts: the formatter has its own opinion of short lists.
    const published: unknown = JSON.parse(await readFile(new URL(file, folder), "utf8"));
    expect(published, "run `node scripts/write-schemas.ts`").toEqual(JSON.parse(text));
  });

  it("agree with `check` on the example files, and on a mistake in each of them", async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const validators = new Map(
      publishedSchemas().map(({ file, text }) => [file.split(".")[0], ajv.compile(JSON.parse(text))]),
    );
    const { files } = await read(example.pathname);
    for (const [path, text] of Object.entries(files).filter(([file]) => file.endsWith(".yaml"))) {
      const [folderName = ""] = path.split("/");
      const kind = { workflows: "workflow", tools: "tools" }[folderName] ?? "countersign";
      const validate = validators.get(kind);
      const value = readYaml(path, text).source?.value;
      expect(validate?.(value), `${path}: ${ajv.errorsText(validate?.errors)}`).toBe(true);
      expect(validate?.({ ...Object(value), unheard: 1 })).toBe(false);
    }
  });

  it("are named by the first line of each example file, by a path that leads to them", async () => {
    const { files } = await read(example.pathname);
    for (const [path, text] of Object.entries(files).filter(([file]) => file.endsWith(".yaml"))) {
      const target = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1];
      expect(target, path).toBeDefined();
      expect(JSON.parse(await readFile(new URL(target ?? "", new URL(path, example)), "utf8"))).toHaveProperty(
        "properties",
      );
    }
  });
});

describe("the example workspace", () => {
  it("has no problem, with the tools of the shipped packs", async () => {
    const { files, problems } = await read(example.pathname);
    const checked = check(files, { packs: await loadPacks() });
    expect([...problems, ...checked.problems].map(sentence)).toEqual([]);
    expect(checked.workspace?.workflows.map((workflow) => workflow.name)).toEqual(["docs-upkeep", "repo-survey"]);
    expect(checked.workspace?.toolsFiles.map((file) => file.server)).toEqual(["files", "git", "memory"]);
  });
});
