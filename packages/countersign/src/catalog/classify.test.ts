import type { JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { buildCatalog, type Catalog, type CatalogSources } from "./catalog.ts";
import { digestDefinition } from "./definition.ts";
import { loadPacks } from "./load-packs.ts";
import type { Packs } from "./pack.ts";
import type { Pin } from "./pin.ts";
import type { Definition } from "./tool.ts";
import { toolsFileSchema } from "./tools-file.ts";

const environments = [
  { name: "sandbox", production: false },
  { name: "staging", production: false },
  { name: "live", production: true },
];
/* biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is the text that stands in files */
const roots = [
  { path: "${workspace}/sandbox", environment: "sandbox" },
  { path: "${workspace}/staging", environment: "staging" },
  { path: "${workspace}/sandbox/live", environment: "live" },
];
/* biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is the text that stands in files */

function fileOf(server: string, more: object = {}) {
  return toolsFileSchema.parse({
    server,
    transport: { kind: "package", package: "x" },
    pack: `${server}@1`,
    environment: "sandbox",
    roots,
    ...more,
  });
}

function stub(name: string): Definition {
  return { name, inputSchema: { type: "object" } };
}

let packs: Packs;
let catalog: Catalog;

function build(over: Partial<CatalogSources> = {}): Catalog {
  const definitions = new Map(
    ["filesystem", "memory", "git"].map(
      (name) => [name, Object.keys(packs.get(`${name}@1`)?.tools ?? {}).map(stub)] as const,
    ),
  );
  const files = [fileOf("filesystem"), fileOf("memory"), fileOf("git")];
  return buildCatalog({ files, packs, pins: [], definitions, environments, workspace: "/ws", ...over });
}

beforeAll(async () => {
  packs = await loadPacks();
  catalog = build();
});

function classify(server: string, tool: string, args: unknown) {
  const found = catalog.tool(server, tool);
  if (found === undefined) throw new Error(`no ${tool}`);
  return found.classify(args as JsonObject);
}

function brief(server: string, tool: string, args: unknown): string {
  const { verb, environment, target } = classify(server, tool, args);
  return `${verb} ${environment.name} ${target}`;
}

const unmapped = (id: string) => `execute live ${id}`;

describe("classify", () => {
  it("takes the environment from the target, not from what a path looks like", () => {
    expect(brief("filesystem", "write_file", { path: "/ws/sandbox/a", content: "" })).toBe(
      "execute sandbox /ws/sandbox/a",
    );
    expect(brief("filesystem", "write_file", { path: "/ws/sandbox/live/a", content: "" })).toBe(
      "execute live /ws/sandbox/live/a",
    );
    expect(brief("filesystem", "write_file", { path: "/ws/staging/../sandbox/./live/a" })).toBe(
      "execute live /ws/sandbox/live/a",
    );
    expect(brief("filesystem", "write_file", { path: "/ws/sandbox2/a" })).toBe(unmapped("filesystem.write_file"));
    expect(brief("filesystem", "write_file", { path: "/ws/sandbox/LIVE/a" })).toBe(unmapped("filesystem.write_file"));
  });

  it("counts what is not mapped as execution in production, also for a read", () => {
    for (const path of ["relative", "/etc/passwd", "/ws/sandbox/x\0", "~/a", 5, null, undefined, ["/ws/sandbox"], {}]) {
      if (Array.isArray(path)) continue;
      expect(brief("filesystem", "read_text_file", { path })).toBe(unmapped("filesystem.read_text_file"));
    }
    expect(classify("filesystem", "read_text_file", { path: "/etc" }).labels).toContain("unmapped");
    expect(brief("git", "git_status", {})).toBe(unmapped("git.git_status"));
    expect(brief("git", "git_status", { path: "." })).toBe(unmapped("git.git_status"));
  });

  it("says which argument left a call unplaced, and repeats no value", () => {
    const why = (server: string, tool: string, args: JsonObject): string | undefined =>
      catalog.tool(server, tool)?.whyUnknown?.(args);
    expect(why("filesystem", "read_text_file", { path: "hunter2/a.md" })).toBe(
      "its argument `path` is no absolute path, and what a relative one means is not known here",
    );
    expect(why("filesystem", "read_text_file", {})).toBe("its argument `path` is missing");
    expect(why("filesystem", "read_text_file", { path: "/ws/sandbox/hunter2\0" })).toContain("is no path that every");
    expect(why("filesystem", "read_text_file", { path: "/etc/hunter2" })).toContain("`path` lies in no folder");
    const move = { source: "/ws/sandbox/a", destination: "hunter2" };
    expect(why("filesystem", "move_file", move)).toContain("its argument `destination` is no absolute path");
    const many = { paths: ["/ws/sandbox/a", "hunter2"] };
    expect(why("filesystem", "read_multiple_files", many)).toContain("its argument `paths` is no absolute path");
    expect(why("filesystem", "read_text_file", { path: "/ws/sandbox/a" })).toBeUndefined();
    expect(catalog.tool("filesystem", "move_file")?.absolute).toEqual(["source", "destination"]);
  });

  it("needs every path of a call to map, production winning, and names no environment that is half true", () => {
    const move = (source: string, destination: string) =>
      classify("filesystem", "move_file", { source, destination }).environment.name;
    expect(move("/ws/sandbox/a", "/ws/sandbox/b")).toBe("sandbox");
    expect(move("/ws/sandbox/a", "/ws/sandbox/live/b")).toBe("live");
    expect(move("/ws/sandbox/a", "/ws/staging/b")).toBe("live");
    expect(move("/ws/sandbox", "/ws/sandbox/b")).toBe("live");
    expect(brief("filesystem", "read_multiple_files", { paths: ["/ws/sandbox/a", "/ws/sandbox/b"] })).toBe(
      "read sandbox /ws/sandbox/a",
    );
    expect(brief("filesystem", "read_multiple_files", { paths: ["/ws/sandbox/a", "/etc/passwd"] })).toBe(
      unmapped("filesystem.read_multiple_files"),
    );
    expect(brief("filesystem", "read_multiple_files", { paths: [] })).toBe(unmapped("filesystem.read_multiple_files"));
  });

  it("does not map a write into .git, where git would run it", () => {
    for (const path of ["/ws/sandbox/r/.git/config", "/ws/sandbox/r/.GIT/hooks/x", "/ws/sandbox/.git"]) {
      expect(brief("filesystem", "write_file", { path, content: "" })).toBe(unmapped("filesystem.write_file"));
    }
    expect(brief("filesystem", "write_file", { path: "/ws/sandbox/.gitignore" })).toBe(
      "execute sandbox /ws/sandbox/.gitignore",
    );
  });

  it("takes the verb from the argument where it decides, by value and type", () => {
    const verb = (tool: string, args: object) => classify("git", tool, { path: "/ws/sandbox/r", ...args }).verb;
    expect(verb("git_branch", {})).toBe("read");
    expect(verb("git_branch", { mode: "list" })).toBe("read");
    for (const mode of ["delete", "LIST", ["list"], null, 1, "list ", {}])
      expect(verb("git_branch", { mode }), String(mode)).toBe("execute");
    expect(verb("git_stash", {})).toBe("execute");
    expect(verb("git_clean", { dryRun: true })).toBe("read");
    expect(verb("git_clean", { dryRun: "true" })).toBe("execute");
    expect(verb("git_push", { dryRun: true })).toBe("execute");
    expect(classify("git", "git_push", { path: "/ws/sandbox/r" }).environment).toEqual({
      name: "live",
      production: true,
    });
    expect(classify("git", "git_push", { path: "/ws/sandbox/r" }).labels).not.toContain("unmapped");
  });

  it("gives each case its own way back", () => {
    const kind = (tool: string, args: object) =>
      classify("git", tool, { path: "/ws/sandbox/r", ...args }).reversal?.kind;
    expect(kind("git_branch", { mode: "list" })).toBe("none");
    expect(kind("git_branch", { mode: "create", branchName: "b" })).toBe("inverse");
    expect(kind("git_branch", { mode: "create", branchName: "b", force: true })).toBe("irreversible");
    expect(kind("git_reset", { mode: "hard" })).toBe("irreversible");
    expect(kind("git_reset", { mode: "soft" })).toBe("inverse");
  });

  it("lets a workspace map remotes and hosts by name, and only those", () => {
    const file = fileOf("git", {
      hosts: [{ host: "git.acme.example", environment: "sandbox" }],
      tools: {
        git_push: {
          environment: [
            { by: "path", arguments: ["path"] },
            { by: "value", argument: "remote", values: { backup: "sandbox" } },
          ],
        },
      },
    });
    const git = build({ files: [file] });
    const where = (tool: string, args: JsonObject) => {
      const { verb, environment } = git.tool("git", tool)?.classify({ path: "/ws/sandbox/r", ...args }) ?? {};
      return `${verb} ${environment?.name}`;
    };
    expect(where("git_push", { remote: "backup" })).toBe("execute sandbox");
    for (const remote of ["origin", "Backup", "toString", "__proto__"])
      expect(where("git_push", { remote })).toBe("execute live");
    expect(where("git_push", {})).toBe("execute live");
    expect(where("git_clone", { url: "https://git.acme.example/x.git" })).toBe("execute sandbox");
    for (const url of [
      "https://git.acme.example.evil.example/x",
      "https://git.acme.example@evil.example/x",
      "https://git.acme.example:444/x",
      "/ws/sandbox/live/repo",
      "file:///ws/sandbox/r",
      "git.acme.example:x",
    ]) {
      expect(where("git_clone", { url })).toBe("execute live");
    }
  });

  it("takes the environment from names that the tools file lists, letter for letter", () => {
    const file = fileOf("git", {
      names: { "acme/web": "sandbox", "acme/shop": "live", "7": "sandbox", cart: "staging" },
      tools: {
        git_status: { verb: "read", target: "r", environment: { by: "name", of: "{{args.owner}}/{{args.repo}}" } },
        git_log: {
          verb: "read",
          target: "r",
          environment: [
            { by: "absent", arguments: ["baseUrl"] },
            { by: "name", of: ["{{args.project}}", "{{args.request.keys.*}}"] },
          ],
        },
        git_clean: {
          verb: "execute",
          target: "r",
          environment: "server",
          cases: [{ absent: ["force"], verb: "read" }],
        },
        git_blame: {
          verb: "execute",
          target: "r",
          environment: "server",
          cases: [{ noLine: { body: "/" }, verb: "propose" }],
        },
        git_tag: { verb: "read", target: "r", environment: { by: "absent", arguments: ["baseUrl"] } },
      },
    });
    const git = build({ files: [file] });
    const where = (tool: string, args: JsonObject) => {
      const { verb, environment } = git.tool("git", tool)?.classify({ path: "/ws/sandbox/r", ...args }) ?? {};
      return `${verb} ${environment?.name}`;
    };
    expect(where("git_status", { owner: "acme", repo: "web" })).toBe("read sandbox");
    expect(where("git_status", { owner: "acme", repo: "shop" })).toBe("read live");
    for (const [owner, repo] of [
      ["ACME", "web"],
      ["acme/web", ""],
      ["acme", "web "],
      ["acme", "../web"],
      ["acme", undefined],
      ["acme", ["web"]],
      ["__proto__", "toString"],
    ])
      expect(where("git_status", JSON.parse(JSON.stringify({ owner, repo })))).toBe("execute live");
    expect(where("git_log", { project: 7, request: { keys: ["acme/web"] } })).toBe("read sandbox");
    expect(where("git_log", { project: 7, request: { keys: ["acme/web", "acme/shop"] } })).toBe("read live");
    for (const args of [
      { project: 7, request: { keys: ["acme/web"] }, baseUrl: null },
      { project: 7, request: { keys: [] } },
      { project: 7, request: { keys: ["acme/web", 8] } },
      { project: 7, request: { keys: ["acme/web", "cart"] } },
      { project: 7 },
    ])
      expect(where("git_log", args), JSON.stringify(args)).toBe("execute live");
    expect([where("git_clean", {}), where("git_clean", { force: null })]).toEqual(["read sandbox", "execute sandbox"]);
    for (const body of ["fine", "see a/b\n\nand https://x/y", ""])
      expect(where("git_blame", { body })).toBe("propose sandbox");
    for (const body of ["/merge", "ok\n/merge", "ok\r/merge", "ok\u2028 \u200b/merge", "ok\n\t/merge", null, ["x"]])
      expect(where("git_blame", { body }), JSON.stringify(body)).toBe("execute sandbox");
    expect(where("git_tag", {}), "absence alone is no place").toBe("execute live");
  });

  it("offers parsed values that no argument can stand in for", () => {
    const { projected } = classify("filesystem", "read_text_file", {
      path: "/ws/sandbox/../sandbox/a.md",
      parsed: { path: { path: "/lie" } },
    });
    expect(projected.parsed).toEqual({
      path: {
        paths: ["/ws/sandbox/a.md"],
        within: ["/", "/ws", "/ws/sandbox", "/ws/sandbox/a.md"],
        touches: ["/", "/ws", "/ws/sandbox", "/ws/sandbox/a.md"],
        segments: ["a.md", "sandbox", "ws"],
        names: ["a.md"],
        extensions: ["md"],
        climbs: true,
        count: 1,
      },
    });
    expect(projected.path).toBe("/ws/sandbox/../sandbox/a.md");
  });

  it("writes out what cannot be seen in a target", () => {
    expect(brief("git", "git_checkout", { path: "/ws/sandbox/r", target: "a\u202eb\u200b" })).toBe(
      "execute sandbox /ws/sandbox/r a\\u{202e}b\\u{200b}",
    );
  });

  it("never throws and never leaves production for arguments of another shape", () => {
    const tools = catalog.servers.flatMap((server) => catalog.list(server));
    const hostile = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
      fc.dictionary(
        fc.constantFrom("path", "paths", "mode", "source", "destination", "__proto__", "constructor", "url", "dryRun"),
        fc.anything(),
      ),
      fc.constant(JSON.parse('{"__proto__":{"path":"/ws/sandbox"},"path":{"__proto__":"x"}}')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...tools), hostile, (tool, args) => {
        const { verb, environment, labels } = tool.classify(args as JsonObject);
        expect(["read", "propose", "execute"]).toContain(verb);
        if (labels.includes("unmapped")) expect([verb, environment.production]).toEqual(["execute", true]);
        const reaches =
          JSON.stringify(args, (_, value) => (typeof value === "bigint" ? "" : value))?.includes("/ws/") ?? false;
        if (
          tool.server === "filesystem" &&
          tool.name !== "list_allowed_directories" &&
          !tool.name.startsWith("mcp:") &&
          !reaches
        )
          expect(environment.production).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    const trap = {
      get path(): string {
        throw new Error("trap");
      },
    };
    expect(brief("filesystem", "write_file", trap)).toBe(unmapped("filesystem.write_file"));
    let deep: unknown = "x";
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(brief("filesystem", "write_file", { path: deep })).toBe(unmapped("filesystem.write_file"));
  });

  it("reviews by the digest, and a server's own hints change nothing", () => {
    const honest: Definition = { ...stub("delete_all"), annotations: { readOnlyHint: true, destructiveHint: false } };
    const built = build({ definitions: new Map([["filesystem", [honest]]]) });
    const tool = built.tool("filesystem", "delete_all");
    expect(tool?.reviewed).toBe(false);
    expect(tool?.classify({}).verb).toBe("execute");
    expect(tool?.classify({}).environment.production).toBe(true);
    expect(built.tool("filesystem", "write_file")).toBeUndefined();
    expect(built.tool("nowhere", "x")).toBeUndefined();
    expect(built.tool("filesystem", "__proto__")).toBeUndefined();
  });

  it("lets a pin decide over a pack, and refuses a name that is listed twice", () => {
    const tool = stub("read_file");
    const digest = digestDefinition(tool) ?? "";
    const pin = (status: Pin["status"]): Pin => ({
      server: "filesystem",
      tool: "read_file",
      digest,
      definition: tool,
      status,
      seenAt: "",
    });
    const reviewed = (pins: readonly Pin[], listed = [tool]) =>
      build({ pins, definitions: new Map([["filesystem", listed]]) }).tool("filesystem", "read_file")?.reviewed;
    expect(reviewed([])).toBe(false);
    expect(reviewed([pin("pinned")])).toBe(true);
    expect(reviewed([pin("pinned")], [tool, tool])).toBe(false);
    for (const status of ["new", "changed", "rejected", "superseded", "removed"] as const)
      expect(reviewed([pin(status)])).toBe(false);
  });

  it("says what in a file cannot hold, and maps nothing by it", () => {
    const file = fileOf("filesystem", {
      pack: "filesystem@9",
      environment: "nowhere",
      roots: [{ path: "sandbox", environment: "sandbox" }],
    });
    const { faults } = build({ files: [file] });
    expect(faults.map((fault) => fault.detail)).toEqual([
      "there is no pack `filesystem@9`",
      "there is no environment `nowhere`",
      "`sandbox` is not an absolute path that can be compared",
    ]);
  });
});
