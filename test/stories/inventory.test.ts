import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
let scribe: string;
beforeAll(async () => {
  plane = await openTestPlane();
  await plane.grantTier("scribe", "docs-upkeep", 2);
  scribe = await plane.agent("scribe");
});
afterAll(() => plane?.close());

const page = (name: string): string => join(plane.folder, "sandbox", name);
async function write(name: string): Promise<string> {
  const body = { server: "files", tool: "write_file", arguments: { path: page(name), content: "a page\n" } };
  return (await plane.call("POST", "/v1/actions", { key: scribe, body })).json.id;
}

describe("what the console is told of the plane", () => {
  it("MT-259 MT-43 the rules of the road are two paragraphs of the file in force, which is the file at the commit", async () => {
    const key = await plane.person(cy);
    const { json } = await plane.call("GET", "/v1/workflows/docs-upkeep/rules", { key });
    expect(json.paragraphs).toHaveLength(2);
    expect(json.paragraphs[0]).toContain(
      "Before `files.write_file` and `files.edit_file`, 1 of `editors` must approve within 4h",
    );
    expect(json.paragraphs[1]).toContain("`ana@acme.example` answers for it, with `bo@acme.example` as deputy.");
    const repository = mkdtempSync(join(tmpdir(), "countersign-git-"));
    cpSync(plane.folder, repository, { recursive: true });
    const git = (...args: string[]): string =>
      execFileSync(
        "git",
        ["-c", "user.name=a", "-c", "user.email=a@acme.example", "-c", "core.autocrlf=false", ...args],
        {
          cwd: repository,
          encoding: "utf8",
        },
      );
    git("init", "--quiet");
    git("add", "-A");
    git("commit", "--quiet", "-m", "rules");
    expect(git("rev-parse", `HEAD:${json.file}`).trim()).toBe(json.blob);
    expect(git("show", `HEAD:${json.file}`)).toBe(json.text);
    rmSync(repository, { recursive: true });
  });

  it("MT-259 they change with what is in force, and with nothing else", async () => {
    const key = await plane.person(ana);
    const before = (await plane.call("GET", "/v1/workflows/docs-upkeep/rules", { key })).json;
    const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
    const name = "workflows/docs-upkeep.yaml";
    const changed = { ...files, [name]: files[name].replace("count: 1\n", "count: 2\n") };
    const asked = (await plane.call("POST", "/v1/workspace/apply", { key, body: { files: changed } })).json;
    expect((await plane.call("GET", "/v1/workflows/docs-upkeep/rules", { key })).json).toEqual(before);
    const proposal = (await plane.call("GET", `/v1/proposals/${asked.proposal}`, { key: await plane.person(bo) })).json;
    const body = { digest: proposal.digest };
    await plane.call("POST", `/v1/proposals/${asked.proposal}/sign`, { key: await plane.person(bo), body });
    const after = (await plane.call("GET", "/v1/workflows/docs-upkeep/rules", { key })).json;
    expect(after.paragraphs[0]).toContain("Before `files.write_file`, 2 of `editors`");
    expect(after.paragraphs[1]).toBe(before.paragraphs[1]);
    expect(after.inForce).toMatchObject({ by: ana, signedBy: bo });
  });

  it("MT-259 prose becomes a draft of the same file, and what it cannot read is said", async () => {
    const key = await plane.person(cy);
    const { paragraphs } = (await plane.call("GET", "/v1/workflows/repo-survey/rules", { key })).json;
    const prose = `${paragraphs.join("\n\n")} Be careful with it.`;
    const { json } = await plane.call("POST", "/v1/workflows/draft", { key, body: { prose } });
    expect(json.file).toContain("workflow: repo-survey");
    expect(json.faults).toMatchObject([{ sentence: "Be careful with it" }]);
  });

  it("a stop tells what it froze and what became of it, who may lift it, and whose receipt it is", async () => {
    const held = await write("stopped.md");
    const key = await plane.person(ana);
    const body = { scope: "agent", name: "scribe", reason: "it writes too much" };
    const made = (await plane.call("POST", "/v1/stops", { key, body })).json;
    const mine = (await plane.call("GET", `/v1/stops/${made.stop.id}`, { key })).json;
    expect(mine).toMatchObject({ inForce: true, isWhole: true, notYours: expect.stringContaining("another person") });
    expect(mine.held).toMatchObject([{ action: held, frozen: true, state: "held" }]);
    const other = await plane.person(bo);
    expect((await plane.call("GET", `/v1/stops/${made.stop.id}`, { key: other })).json.notYours).toBeNull();
    await plane.call("POST", `/v1/stops/${made.stop.id}/lift`, { key: other, body: { reason: "it was meant" } });
    await plane.call("POST", `/v1/actions/${held}/cancel`, { key: other, body: { reason: "not now" } });
    const after = (await plane.call("GET", `/v1/stops/${made.stop.id}`, { key })).json;
    expect(after).toMatchObject({ inForce: false, stop: { liftedBy: [bo] } });
    expect(after.held).toMatchObject([{ action: held, frozen: false, state: "refused" }]);
    expect((await plane.call("GET", after.receipt, { key })).json.kind).toBe("stopped");
  });

  it("MT-143 what was refused, denied or undone at once is a near miss by itself, and MT-142 a draft says whether it would have stopped it", async () => {
    const blocked = (
      await plane.call("POST", "/v1/actions", {
        key: scribe,
        body: { server: "files", tool: "move_file", arguments: { source: page("a"), destination: page("b") } },
      })
    ).json.id;
    const key = await plane.person(ana);
    const near = (await plane.call("GET", "/v1/near-misses", { key })).json;
    expect(near.nearMisses).toContainEqual(expect.objectContaining({ action: blocked, kind: "denied" }));
    const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
    const name = "workflows/docs-upkeep.yaml";
    const open = {
      ...files,
      [name]: files[name]
        .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
        .replace("  - files.move_file\n", "")
        .replace("allow:\n", "allow:\n  - files.move_file\n"),
    };
    const text = (await plane.call("POST", "/v1/policies/simulate", { key, body: { files: open, action: blocked } }))
      .text;
    const report = text
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one))
      .at(-1).report;
    expect(report).toMatchObject({
      actions: 1,
      counts: { allowed: 1 },
      changes: [{ action: blocked, was: "deny", is: "allow" }],
    });
    const same = (await plane.call("POST", "/v1/policies/simulate", { key, body: { files, action: blocked } })).text;
    expect(JSON.parse(same.trim().split("\n").at(-1) ?? "").report.changes).toEqual([]);
  });

  it("a policy tells what it decided lately, and what it nearly did", async () => {
    const key = await plane.person(ana);
    const all = (await plane.call("GET", "/v1/policies/decisions", { key })).json;
    const used = all.policies.find((one: { determined: number }) => one.determined > 0);
    const { json } = await plane.call("GET", `/v1/policies/decisions?policy=${encodeURIComponent(used.policy)}`, {
      key,
    });
    expect(json.decisions.filter((one: { held: boolean }) => one.held)).toHaveLength(used.determined);
  });

  it("tools say how they are undone and who may use them, and definitions are shown as they came", async () => {
    const key = await plane.person(cy);
    const { tools } = (await plane.call("GET", "/v1/tools", { key })).json;
    const one = tools.find((tool: { id: string }) => tool.id === "files.write_file");
    expect(one).toMatchObject({ verbs: ["execute"], reviewed: true, workflows: ["docs-upkeep"] });
    const { json } = await plane.call("GET", "/v1/tools/definition?tool=files.write_file", { key });
    expect(json).toMatchObject({ digest: one.digest, definition: { name: "write_file" } });
  });
});
