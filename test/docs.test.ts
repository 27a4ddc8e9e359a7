import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { commands, reference } from "../scripts/write-reference.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" });
const pages = listed.split("\n").filter((path) => path !== "" && existsSync(join(root, path)));

/** Relative links that lead to no file. */
function brokenLinks(path: string, text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .filter((target) => !existsSync(join(root, normalize(join(dirname(path), target.split("#")[0] ?? "")))));
}

/** Code of a page: fenced blocks without their fences, blocks by indentation, and spans. */
function codeOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```[a-z]*\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");
  const rest = text.replace(/^```[\s\S]*?^```/gm, "");
  const indented = rest.split("\n").filter((line) => /^ {4}\S/.test(line));
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  return [...blocks.flatMap((block) => block.split("\n")), ...indented, ...spans];
}

const scripts = new Set(Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts));

function unknownScripts(text: string): readonly string[] {
  const named = codeOf(text).flatMap((line) => [
    ...[...line.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map((match) => match[1] ?? ""),
    ...[...line.matchAll(/\bnpm (start|test|tour)\b/g)].map((match) => match[1] ?? ""),
  ]);
  return named.filter((name) => !scripts.has(name));
}

const known = commands();

/** Commands of ours that do not exist: `countersign approval list`, `countersign agent keys revoke`. */
function unknownCommands(text: string): readonly string[] {
  return codeOf(text).flatMap((line) =>
    [...line.matchAll(/(?:^\s*(?:\$ )?|npx |: )countersign((?: [a-z][a-z-]*)+)/g)].flatMap((match) => {
      const words = (match[1] ?? "").trim().split(" ");
      let path = "countersign";
      for (const word of words) {
        const below = known.get(path)?.commands ?? [];
        if (below.length === 0) break;
        if (!known.has(`${path} ${word}`)) return [`${path} ${word}`];
        path = `${path} ${word}`;
      }
      return [];
    }),
  );
}

/** Options that a command named in the same line does not have. */
function unknownOptions(text: string): readonly string[] {
  return codeOf(text).flatMap((line) => {
    const typed = /(?:^\s*(?:\$ )?|npx |: )countersign((?: [a-z][a-z-]*)+)([^|;]*)/.exec(line);
    if (typed === null) return [];
    const words = (typed[1] ?? "").trim().split(" ");
    let path = "countersign";
    for (const word of words) if (known.has(`${path} ${word}`)) path = `${path} ${word}`;
    const command = known.get(path);
    const has = (option: string): boolean =>
      ["--help", "--json", "--url"].includes(option) ||
      [command, ...(command?.commands ?? [])].some((one) => one?.options.some(({ long }) => long === option));
    const given = (typed[2] ?? "").replace(/"[^"]*"|'[^']*'/g, "").match(/(?<= )--[a-z-]+/g) ?? [];
    return given.filter((option) => !has(option)).map((option) => `${path} ${option}`);
  });
}

describe("generated pages", () => {
  it.each(Object.keys(reference()))("%s is current; else run `node scripts/write-reference.ts`", (path) => {
    expect(read(path)).toBe(reference()[path]);
  });
});

describe("every page", () => {
  it.each(pages)("%s links to files that are there and names commands that exist", (path) => {
    const text = read(path);
    expect(brokenLinks(path, text)).toEqual([]);
    expect(unknownScripts(text)).toEqual([]);
    expect(unknownCommands(text)).toEqual([]);
    expect(unknownOptions(text)).toEqual([]);
    expect(text).not.toMatch(/\/(work|root|tmp)\/[a-z]/);
    expect(text).not.toMatch(/cs[kpl]_[0-9a-z]{26}_[0-9A-Za-z]{20}/);
  });
});

describe("these guards", () => {
  it("find what is wrong", () => {
    expect(brokenLinks("docs/x.md", "[a](../README.md) [b](gone.md) [c](https://example.com)")).toEqual(["gone.md"]);
    expect(unknownScripts("`npm run nothing`, `npm start`")).toEqual(["nothing"]);
    expect(unknownCommands("    npx countersign approval list\n`countersign agent key burn x`")).toEqual([
      "countersign approval",
      "countersign agent key burn",
    ]);
    expect(unknownOptions("`countersign stop workflow docs --why x --reason y`")).toEqual(["countersign stop --why"]);
    expect(unknownCommands("`countersign approvals`, `@countersign/client`")).toEqual([]);
  });
});
