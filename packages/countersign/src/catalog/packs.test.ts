import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Json, JsonObject } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type ExampleServer,
  exampleServers,
  type RunningServer,
  root,
  startServer,
} from "../../../../scripts/example-servers.ts";
import { reviewPack } from "../../../../scripts/review-pack.ts";
import { misfit } from "../workspace/check-normalise.ts";
import { buildCatalog, type Catalog } from "./catalog.ts";
import { unknownReversal } from "./classify.ts";
import { loadPacks } from "./load-packs.ts";
import { packageCommand } from "./package-command.ts";
import { captureCall, planReversal } from "./plan-reversal.ts";
import { outcomeOf } from "./premise.ts";
import type { Definition } from "./tool.ts";
import { toolsFileSchema, workspacePlaceholder } from "./tools-file.ts";
import { wantedBy } from "./wanted-by.ts";

const names = Object.keys(exampleServers) as ExampleServer[];
const environments = [
  { name: "sandbox", production: false },
  { name: "production", production: true },
];
const running = {} as Record<ExampleServer, RunningServer>;
let catalog: Catalog;

beforeAll(async () => {
  const definitions = new Map<string, readonly Definition[]>();
  for (const name of names) {
    running[name] = await startServer(name);
    definitions.set(name, JSON.parse(JSON.stringify((await running[name].client.listTools()).tools)));
  }
  const files = names.map((name) =>
    toolsFileSchema.parse({
      server: name,
      transport: { kind: "package", package: exampleServers[name].package },
      pack: `${name}@1`,
      environment: "sandbox",
      roots: [{ path: running[name].folder, environment: "sandbox" }],
    }),
  );
  catalog = buildCatalog({ files, packs: await loadPacks(), pins: [], definitions, environments, workspace: root });
});

afterAll(async () => {
  for (const server of Object.values(running)) await server.close();
});

function tool(server: ExampleServer, name: string) {
  const found = catalog.tool(server, name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** Classifies, captures, runs, and gives what undoes it: what the hall does, without the hall. */
async function act(server: ExampleServer, name: string, args: JsonObject) {
  const rule = tool(server, name).classify(args).reversal ?? unknownReversal;
  const asked = captureCall(rule, args);
  if (asked !== undefined)
    expect(tool(server, asked.tool).classify(asked.args)).toMatchObject({
      verb: "read",
      environment: { name: "sandbox" },
    });
  const captured =
    asked === undefined
      ? ({ kind: "not_asked" } as const)
      : ({ kind: "answered", result: await running[server].call(asked.tool, { ...asked.args }) } as const);
  const plan = planReversal(rule, args, captured, "2026-11-22T00:00:00.000Z");
  const result = await running[server].call(name, { ...args });
  expect(result.isError, JSON.stringify(result)).not.toBe(true);
  return { plan, before: captured.kind === "answered" ? captured.result : null };
}

/** Whether the deed happened, as looks at the real target tell; `before` as it was captured. */
async function told(server: ExampleServer, name: string, args: JsonObject, before: Json) {
  const rule = tool(server, name).classify(args).reconcile;
  if (rule === undefined) throw new Error(`no look for ${name}`);
  return outcomeOf(rule, { args, before }, async (look) => {
    expect(tool(server, look.tool).classify(look.args).verb, look.tool).toBe("read");
    return running[server].call(look.tool, { ...look.args });
  });
}

/** What the capture answers now. */
async function seenBefore(server: ExampleServer, name: string, args: JsonObject): Promise<Json> {
  const asked = captureCall(tool(server, name).classify(args).reversal ?? unknownReversal, args);
  return asked === undefined ? null : running[server].call(asked.tool, { ...asked.args });
}

async function undo(server: ExampleServer, plan: Awaited<ReturnType<typeof act>>["plan"]): Promise<void> {
  if (plan.kind !== "inverse") throw new Error(plan.reason);
  const result = await running[server].call(plan.tool, { ...plan.args });
  expect(result.isError, JSON.stringify(result)).not.toBe(true);
}

describe("the shipped packs against the real servers", () => {
  it.each(names)("%s: every definition, resource and prompt is the one that was reviewed", async (name) => {
    expect(await reviewPack(name, false)).toEqual([]);
    for (const listed of catalog.list(name))
      if (!listed.name.startsWith("mcp:")) expect(listed.reviewed, listed.id).toBe(true);
  });

  it("every tool has a verb and says how it is undone, or why not", () => {
    for (const name of names) {
      for (const listed of catalog.list(name)) {
        if (!listed.reviewed) continue;
        expect(listed.reversal, listed.id).not.toEqual(unknownReversal);
      }
    }
  });

  it("what is normalised and counted is there, and of a type that can be", async () => {
    const packs = await loadPacks();
    for (const server of names) {
      for (const [name, rule] of Object.entries(packs.get(`${server}@1`)?.tools ?? {})) {
        const schema = tool(server, name).definition.inputSchema;
        for (const [argument, want] of Object.entries(wantedBy(rule)))
          expect(misfit(argument, want, schema), `${name}.${argument}`).toBeUndefined();
        for (const place of Object.values(rule.reach ?? {})) {
          if (typeof place === "string" && place.startsWith("args."))
            expect(schema.properties, `${name} ${place}`).toHaveProperty(place.split(".")[1] ?? "");
        }
      }
    }
  });

  it("defaults and cases of the rules are the ones of the definitions", async () => {
    const packs = await loadPacks();
    for (const server of names) {
      const pack = packs.get(`${server}@1`);
      if (pack === undefined) throw new Error(`no pack for ${server}`);
      for (const [name, rule] of Object.entries(pack.tools)) {
        const properties = tool(server, name).definition.inputSchema.properties as Record<
          string,
          { default?: Json; enum?: Json[] }
        >;
        for (const [argument, value] of Object.entries(rule.defaults ?? {}))
          expect(properties[argument]?.default, `${name}.${argument}`).toBe(value);
        for (const one of rule.cases ?? []) {
          for (const [argument, values] of Object.entries(one.when)) {
            expect(properties, name).toHaveProperty(argument);
            const allowed = properties[argument]?.enum;
            if (allowed !== undefined)
              for (const value of values) expect(allowed, `${name}.${argument}`).toContain(value);
          }
        }
        const places = [
          ...(rule.paths ?? []),
          ...[rule.environment ?? []]
            .flat()
            .flatMap((one) =>
              typeof one === "string" || one.by === "constant" || one.by === "name"
                ? []
                : one.by === "value"
                  ? [one.argument]
                  : one.arguments,
            ),
        ];
        for (const argument of places) expect(properties, name).toHaveProperty(argument);
      }
    }
  });
});

describe("filesystem reversals", () => {
  const at = (name: string) => join(running.filesystem.folder, name);

  it("writes back what a file held", async () => {
    await writeFile(at("a.txt"), "one\r\ntwo\n");
    for (const [name, args] of [
      ["write_file", { path: at("a.txt"), content: "three" }],
      ["edit_file", { path: at("a.txt"), edits: [{ oldText: "two", newText: "2" }] }],
    ] as const) {
      const { plan } = await act("filesystem", name, args);
      expect(await readFile(at("a.txt"), "utf8")).not.toBe("one\r\ntwo\n");
      await undo("filesystem", plan);
      expect(await readFile(at("a.txt"), "utf8")).toBe("one\r\ntwo\n");
    }
  });

  it("says that a new file and a binary file cannot be undone", async () => {
    const fresh = await act("filesystem", "write_file", { path: at("new.txt"), content: "x" });
    expect(fresh.plan).toMatchObject({ kind: "irreversible", reason: expect.stringContaining("cannot delete") });
    await writeFile(at("b.bin"), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect((await act("filesystem", "write_file", { path: at("b.bin"), content: "x" })).plan.kind).toBe("irreversible");
    expect((await act("filesystem", "create_directory", { path: at("folder") })).plan.kind).toBe("irreversible");
  });

  it("moves a file back", async () => {
    await writeFile(at("m.txt"), "m");
    const { plan } = await act("filesystem", "move_file", { source: at("m.txt"), destination: at("n.txt") });
    await undo("filesystem", plan);
    expect(await readdir(running.filesystem.folder)).toContain("m.txt");
  });

  it("tells from a look whether a write happened", async () => {
    await writeFile(at("r.txt"), "old");
    const args = { path: at("r.txt"), content: "new" };
    const before = await seenBefore("filesystem", "write_file", args);
    const seen = () => told("filesystem", "write_file", args, before);
    expect(await seen()).toBe("failed");
    await running.filesystem.call("write_file", args);
    expect(await seen()).toBe("done");
    await writeFile(at("r.txt"), "someone else");
    expect(await seen()).toBe("unknown");
  });

  it("takes what stands at the destination for no sign that a move happened", async () => {
    await writeFile(at("from.txt"), "mine");
    await writeFile(at("to.txt"), "somebody else's, and longer");
    const args = { source: at("from.txt"), destination: at("to.txt") };
    const before = await seenBefore("filesystem", "move_file", args);
    const seen = () => told("filesystem", "move_file", args, before);
    expect((await running.filesystem.call("move_file", args)).isError).toBe(true);
    expect(await seen()).toBe("failed");
    // Another took both away: nothing tells who.
    await rm(at("from.txt"));
    expect(await seen()).toBe("unknown");
    await rm(at("to.txt"));
    expect(await seen()).toBe("unknown");
    await writeFile(at("from.txt"), "mine");
    const again = await seenBefore("filesystem", "move_file", args);
    await running.filesystem.call("move_file", args);
    expect(await told("filesystem", "move_file", args, again)).toBe("done");
    expect(await told("filesystem", "move_file", args, null), "without a look before").toBe("unknown");
  });
});

describe("memory reversals", () => {
  const graph = async () => (await running.memory.call("read_graph", {})).structuredContent;
  const entity = (name: string, ...observations: string[]) => ({ name, entityType: "thing", observations });

  it("undo what they added, and only that", async () => {
    await running.memory.call("create_entities", { entities: [entity("old", "o1"), entity("other")] });
    const deeds: [string, JsonObject][] = [
      ["create_entities", { entities: [entity("n1"), entity("n2", "x")] }],
      ["add_observations", { observations: [{ entityName: "old", contents: ["o2", "o3"] }] }],
      ["create_relations", { relations: [{ from: "old", to: "other", relationType: "knows" }] }],
      ["delete_entities", { entityNames: ["other"] }],
      ["delete_observations", { deletions: [{ entityName: "old", observations: ["o1"] }] }],
    ];
    for (const [name, args] of deeds) {
      const before = await graph();
      const { plan } = await act("memory", name, args);
      expect(await graph(), name).not.toEqual(before);
      await undo("memory", plan);
      expect(await graph(), name).toEqual(before);
    }
    await running.memory.call("create_relations", { relations: [{ from: "old", to: "other", relationType: "knows" }] });
    const before = await graph();
    const { plan } = await act("memory", "delete_relations", {
      relations: [{ relationType: "knows", from: "old", to: "other" }],
    });
    await undo("memory", plan);
    expect(await graph()).toEqual(before);
  });

  it("tell from a look whether each deed happened, and nothing where it was so before", async () => {
    await running.memory.call("create_entities", { entities: [entity("t1", "a", "b"), entity("t2")] });
    const knows = { from: "t1", to: "t2", relationType: "knows" };
    const deeds: [string, JsonObject][] = [
      ["create_entities", { entities: [entity("t3"), entity("t4", "x")] }],
      ["add_observations", { observations: [{ entityName: "t1", contents: ["c", "d"] }] }],
      ["create_relations", { relations: [knows] }],
      ["delete_relations", { relations: [knows] }],
      ["delete_observations", { deletions: [{ entityName: "t1", observations: ["a"] }] }],
      ["delete_entities", { entityNames: ["t3", "t4"] }],
    ];
    for (const [name, args] of deeds) {
      const before = await seenBefore("memory", name, args);
      expect(await told("memory", name, args, before), name).toBe("failed");
      await running.memory.call(name, { ...args });
      expect(await told("memory", name, args, before), name).toBe("done");
      const after = await seenBefore("memory", name, args);
      expect(await told("memory", name, args, after), `${name}, so before`).toBe("unknown");
      expect(await told("memory", name, args, null), `${name}, nothing read before`).toBe("unknown");
    }
    const some = { entities: [entity("t5"), entity("t6")] };
    const before = await seenBefore("memory", "create_entities", some);
    await running.memory.call("create_entities", { entities: [entity("t5", "of somebody else")] });
    expect(await told("memory", "create_entities", some, before)).toBe("unknown");
  });

  it("have no plan where the undo would take away or leave more than the deed", async () => {
    const refused: [string, JsonObject][] = [
      ["create_entities", { entities: [entity("old"), entity("n9")] }],
      ["add_observations", { observations: [{ entityName: "old", contents: ["o1"] }] }],
      ["create_relations", { relations: [{ from: "old", to: "other", relationType: "knows" }] }],
      // The server takes no notice of what it does not know, and would delete the relation that was there.
      ["create_relations", { relations: [{ from: "old", to: "other", relationType: "knows", more: 1 }] }],
      ["delete_observations", { deletions: [{ entityName: "old", observations: ["never there"] }] }],
      ["delete_relations", { relations: [{ from: "old", to: "other", relationType: "never there" }] }],
      ["delete_entities", { entityNames: ["other"] }],
    ];
    for (const [name, args] of refused) expect((await act("memory", name, args)).plan.kind, name).toBe("irreversible");
  });
});

describe("git reversals", () => {
  const run = promisify(execFile);
  let path: string;
  const git = async (...args: string[]) =>
    (
      await run("git", ["-C", path, "-c", "user.name=t", "-c", "user.email=t@acme.example", ...args], {
        env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null" },
      })
    ).stdout.trim();
  const state = async () => [
    await git("rev-parse", "HEAD"),
    await git("for-each-ref"),
    await git("status", "--porcelain"),
    await git("branch", "--show-current"),
    await git("remote", "-v"),
  ];

  beforeAll(async () => {
    path = join(running.git.folder, "repo");
    await mkdir(path);
    await git("init", "-q", "-b", "main");
    await writeFile(join(path, "f.txt"), "1\n");
    await git("add", ".");
    await git("commit", "-qm", "first");
    await git("checkout", "-qb", "side");
    await writeFile(join(path, "g.txt"), "1\n");
    await git("add", ".");
    await git("commit", "-qm", "second");
    await git("checkout", "-q", "main");
    await git("remote", "add", "old", "https://git.acme.example/old.git");
  });

  it("bring the repository back to where it was", async () => {
    const deeds: [string, JsonObject][] = [
      ["git_branch", { mode: "create", branchName: "b1" }],
      ["git_branch", { mode: "delete", branchName: "side", force: true }],
      ["git_branch", { mode: "rename", branchName: "side", newBranchName: "side2" }],
      ["git_checkout", { target: "side" }],
      ["git_merge", { branch: "side" }],
      ["git_merge", { branch: "side", noFastForward: true }],
      ["git_cherry_pick", { commits: ["side"] }],
      ["git_tag", { mode: "create", tagName: "v1" }],
      ["git_remote", { mode: "add", name: "r1", url: "https://git.acme.example/r1.git" }],
      ["git_remote", { mode: "set-url", name: "old", url: "https://git.acme.example/r2.git" }],
      ["git_remote", { mode: "rename", name: "old", newName: "r3" }],
      ["git_worktree", { mode: "add", worktreePath: join(running.git.folder, "tree"), detach: true }],
    ];
    for (const [name, args] of deeds) {
      const before = await state();
      const label = `${name} ${JSON.stringify(args)}`;
      const { plan } = await act("git", name, { path, ...args });
      await undo("git", plan);
      expect(await state(), label).toEqual(before);
    }
  });

  it("tell from a look whether each deed happened", async () => {
    const side = await git("rev-parse", "side");
    await writeFile(join(path, "new.txt"), "1\n");
    const deeds: [string, JsonObject][] = [
      ["git_branch", { mode: "create", branchName: "seen" }],
      ["git_branch", { mode: "rename", branchName: "seen", newBranchName: "seen2" }],
      ["git_checkout", { target: "seen2" }],
      ["git_checkout", { target: "made", createBranch: true }],
      ["git_checkout", { target: "main" }],
      ["git_branch", { mode: "delete", branchName: "seen2" }],
      ["git_tag", { mode: "create", tagName: "seen" }],
      ["git_remote", { mode: "add", name: "seen", url: "https://git.acme.example/seen.git" }],
      ["git_remote", { mode: "set-url", name: "seen", url: "https://git.acme.example/seen2.git" }],
      ["git_remote", { mode: "rename", name: "seen", newName: "seen2" }],
      ["git_worktree", { mode: "add", worktreePath: join(running.git.folder, "seen"), detach: true }],
      [
        "git_worktree",
        { mode: "move", worktreePath: join(running.git.folder, "seen"), newPath: join(running.git.folder, "seen2") },
      ],
      ["git_add", { paths: ["new.txt"] }],
    ];
    for (const [name, rest] of deeds) {
      const args = { path, ...rest };
      const label = `${name} ${JSON.stringify(rest)}`;
      const before = await seenBefore("git", name, args);
      expect(await told("git", name, args, before), label).toBe("failed");
      expect((await running.git.call(name, args)).isError, label).not.toBe(true);
      expect(await told("git", name, args, before), label).toBe("done");
      expect(await told("git", name, args, null), `${label}, nothing read before`).toBe("unknown");
    }
    const commit = { path, message: "seen" };
    const before = await seenBefore("git", "git_commit", commit);
    expect(await told("git", "git_commit", commit, before)).toBe("failed");
    await running.git.call("git_commit", commit);
    expect(await told("git", "git_commit", commit, before), "whose commit it is nobody can tell").toBe("unknown");
    const reset = { path, mode: "soft", target: side };
    const head = await seenBefore("git", "git_reset", reset);
    expect(await told("git", "git_reset", reset, head)).toBe("unknown");
    await running.git.call("git_reset", reset);
    expect(await told("git", "git_reset", reset, head)).toBe("done");
    await git("reset", "-q", "--hard", "HEAD");
    await git("reset", "-q", "--hard", JSON.parse(JSON.stringify(before)).structuredContent.commits[0].hash);
    await git("branch", "-D", "made");
    await git("tag", "-d", "seen");
    await git("remote", "remove", "seen2");
    await git("worktree", "remove", join(running.git.folder, "seen2"));
  });

  it("tell of a name that reads as a range by the list", async () => {
    for (const [name, args] of [
      ["git_branch", { path, mode: "create", branchName: "main..main" }],
      ["git_tag", { path, mode: "create", tagName: "main..main" }],
    ] as const) {
      const before = await seenBefore("git", name, args);
      expect((await running.git.call(name, args)).isError, name).toBe(true);
      expect(await told("git", name, args, before), name).toBe("failed");
    }
  });

  it("tell nothing where it was so before, or where a name could mean something else", async () => {
    await git("branch", "shade", "side");
    await git("tag", "shade", "main");
    const none: [string, JsonObject][] = [
      ["git_branch", { mode: "create", branchName: "side" }],
      ["git_branch", { mode: "create", branchName: "shade" }],
      ["git_tag", { mode: "create", tagName: "shade" }],
      ["git_remote", { mode: "add", name: "old", url: "https://git.acme.example/old.git" }],
      ["git_remote", { mode: "rename", name: "gone", newName: "old" }],
      ["git_checkout", { target: "main" }],
      ["git_checkout", { target: "f.txt" }],
      ["git_add", { paths: ["f.txt"] }],
      ["git_worktree", { mode: "add", worktreePath: path }],
      ["git_merge", { branch: "side" }],
    ];
    for (const [name, rest] of none) {
      const args = { path, ...rest };
      if (tool("git", name).classify(args).reconcile === undefined) expect(name).toBe("git_merge");
      else
        expect(await told("git", name, args, await seenBefore("git", name, args)), JSON.stringify(rest)).toBe(
          "unknown",
        );
    }
    await git("branch", "-D", "shade");
    await git("tag", "-d", "shade");
  });

  it("take back an index, a commit and a soft reset", async () => {
    const before = await state();
    await writeFile(join(path, "h.txt"), "1\n");
    const added = await act("git", "git_add", { path, paths: ["h.txt"] });
    const staged = await state();
    const committed = await act("git", "git_commit", { path, message: "third" });
    const third = await state();
    const reset = await act("git", "git_reset", { path, mode: "soft", target: "HEAD~1" });
    await undo("git", reset.plan);
    expect(await state()).toEqual(third);
    await undo("git", committed.plan);
    expect(await state()).toEqual(staged);
    expect((await act("git", "git_add", { path, paths: ["h.txt"] })).plan.kind).toBe("irreversible");
    await undo("git", added.plan);
    await rm(join(path, "h.txt"));
    expect(await state()).toEqual(before);
  });

  it("create a branch again where it was, also where a tag has its name", async () => {
    await git("branch", "twin", "side");
    await git("tag", "twin", "main");
    const before = await state();
    const { plan } = await act("git", "git_branch", { path, mode: "delete", branchName: "twin", force: true });
    await undo("git", plan);
    expect(await state()).toEqual(before);
    await git("branch", "-D", "twin");
    await git("tag", "-d", "twin");
  });

  it("switch back to where a branch was made", async () => {
    const before = await git("branch", "--show-current");
    await writeFile(join(path, "f.txt"), "not committed\n");
    const made = await act("git", "git_checkout", { path, target: "fresh", createBranch: true });
    expect(await git("branch", "--show-current")).toBe("fresh");
    await undo("git", made.plan);
    expect(await git("branch", "--show-current")).toBe(before);
    expect(await readFile(join(path, "f.txt"), "utf8")).toBe("not committed\n");
    await git("branch", "-D", "fresh");
    await git("checkout", "-q", "--", "f.txt");
  });

  it("are not promised of a checkout whose target is a file or a folder to git, and no branch", async () => {
    const tip = await git("rev-parse", "main");
    const targets = ["f.txt", ".", ":/", "./f.txt", "HEAD", tip, "heads/side", "refs/heads/side", "no-such-branch"];
    for (const target of targets) {
      await writeFile(join(path, "f.txt"), "not committed\n");
      const rule = tool("git", "git_checkout").classify({ path, target }).reversal ?? unknownReversal;
      const asked = captureCall(rule, { path, target });
      if (asked === undefined) throw new Error("it captures nothing");
      const result = await running.git.call(asked.tool, { ...asked.args });
      const plan = planReversal(rule, { path, target }, { kind: "answered", result }, "2026-11-26T00:00:00.000Z");
      expect(plan.kind, target).toBe("irreversible");
      await running.git.call("git_checkout", { path, target });
      const lost = (await readFile(join(path, "f.txt"), "utf8")) !== "not committed\n";
      expect(lost, `${target} throws away what was not committed`).toBe(/f\.txt|^\.$|^:\/$/.test(target));
      await git("checkout", "-qf", "main");
    }
  });

  it("are not promised where nothing can keep the promise", () => {
    const deeds: [string, JsonObject][] = [
      ["git_reset", { mode: "hard" }],
      ["git_clean", { force: true }],
      ["git_push", {}],
      ["git_stash", {}],
      ["git_checkout", { target: "side", force: true }],
      ["git_tag", { mode: "delete", tagName: "v1" }],
    ];
    for (const [name, args] of deeds)
      expect(tool("git", name).classify({ path, ...args }).reversal?.kind, name).toBe("irreversible");
  });
});

describe("the example workspace", () => {
  it("does not let git run what a repository's files name, nor look above the root that was classified", async () => {
    const file = toolsFileSchema.parse(parse(await readFile(join(root, "examples/workspace/tools/git.yaml"), "utf8")));
    if (file.transport.kind !== "package") throw new Error("another transport");
    const declared = file.transport.env;
    const server = await startServer("git", (folder) =>
      Object.fromEntries(
        Object.entries(declared).map(([name, value]) => [name, value.replaceAll(workspacePlaceholder, folder)]),
      ),
    );
    try {
      const [sandbox, ran] = [join(server.folder, "sandbox"), join(server.folder, "ran")];
      const hook = join(server.folder, "hook.sh");
      await writeFile(hook, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
      await promisify(execFile)("git", ["init", "-q", server.folder]);
      // A repository made of plain files, as a tool that writes files could make it.
      for (const name of ["objects", "refs", "hooks"]) await mkdir(join(sandbox, "bare", name), { recursive: true });
      await writeFile(join(sandbox, "bare/HEAD"), "ref: refs/heads/main\n");
      await writeFile(
        join(sandbox, "bare/config"),
        `[core]\nrepositoryformatversion=0\nbare=false\nworktree=${sandbox}\nfsmonitor=${hook}\n`,
      );
      for (const path of [join(sandbox, "bare"), sandbox])
        expect((await server.call("git_status", { path })).isError, path).toBe(true);
      expect(await readdir(server.folder)).not.toContain("ran");
      await promisify(execFile)("git", ["-C", join(sandbox, "bare"), "status"], { env: { PATH: process.env.PATH } });
      expect(await readdir(server.folder), "the attack works where nothing is set").toContain("ran");
    } finally {
      await server.close();
    }
  });

  it("starts from installed packages and classifies with nothing left open", async () => {
    const folder = join(root, "examples/workspace");
    const packs = await loadPacks();
    const files = await Promise.all(
      (await readdir(join(folder, "tools"))).map(async (name) =>
        toolsFileSchema.parse(parse(await readFile(join(folder, "tools", name), "utf8"))),
      ),
    );
    const built = buildCatalog({ files, packs, pins: [], definitions: new Map(), environments, workspace: "/ws" });
    expect(built.faults).toEqual([]);
    expect([...built.servers].sort()).toEqual(["files", "git", "memory"]);
    for (const { transport } of files) {
      if (transport.kind !== "package") throw new Error("another transport");
      const { command, args } = packageCommand(transport, [folder]);
      expect(command).toBe(process.execPath);
      expect(args[0]).toContain(join("node_modules", ...transport.package.split("/")));
      expect(() => packageCommand({ ...transport, version: "0.0.1" }, [folder])).toThrow("is installed as");
      expect(() => packageCommand({ ...transport, package: "not-there" }, [folder])).toThrow("not installed");
      expect(() => packageCommand({ ...transport, bin: "other" }, [folder])).toThrow("no single command");
    }
  });
});
