import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const preset = "docs-upkeep/guardrailed/files.write_file";
const asks = `  - tool: files.write_file
    from: editors
    count: 1
    open: 4h
    valid: 1h
    exclude: [requester]
`;

let plane: TestPlane;
let scribe: string;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "workflows/docs-upkeep.yaml": (text) => {
        // The file says that it may write on its own; its pattern says otherwise.
        const changed = text.replace(asks, "").replace("allow:\n", "allow:\n  - files.write_file\n");
        expect(changed).toContain("pattern: guardrailed");
        expect(changed).not.toContain("tool: files.write_file");
        return changed;
      },
    },
  });
  scribe = await plane.agent("scribe");
});
afterAll(() => plane?.close());

const page = (name: string): string => join(plane.folder, "sandbox/pages", name);

async function submit(tool: string, args: object) {
  const body = { server: "files", tool, arguments: args };
  return (await plane.call("POST", "/v1/actions", { key: scribe, body })).json;
}
const write = (name: string) => submit("write_file", { path: page(name), content: "a page\n" });
const read = () => submit("read_text_file", { path: page("welcome.md") });

async function answer(email: string, id: string, verdict: "approve" | "deny") {
  const key = await plane.person(email);
  const { callDigest, shownDigest } = (await plane.call("GET", `/v1/approvals/${id}`, { key })).json;
  const body = { verdict, callDigest, shownDigest, reason: "looked at it" };
  await plane.call("POST", `/v1/approvals/${id}/answer`, { key, body });
  return (await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key: scribe })).json;
}

it("MT-89 with the pattern guardrailed every write waits for a person although `allow` names its tool, and reads do not", async () => {
  await plane.grantTier("scribe", "docs-upkeep", 1);
  expect((await read()).state).toBe("done");
  // Tier 1 proposes: an execution is refused before anybody is asked.
  expect(await write("tier-1.md")).toMatchObject({ state: "refused", refusal: "policy" });
  await plane.grantTier("scribe", "docs-upkeep", 2);
  expect((await read()).state).toBe("done");

  const held = await write("approved.md");
  expect(held).toMatchObject({ state: "held", requirements: [{ kind: "approval", policy: preset, from: "dri" }] });
  expect(existsSync(page("approved.md"))).toBe(false);
  expect(await answer(ana, held.id, "approve")).toMatchObject({ state: "done" });
  expect(readFileSync(page("approved.md"), "utf8")).toBe("a page\n");

  const denied = await write("denied.md");
  expect(denied.state).toBe("held");
  expect(await answer(bo, denied.id, "deny")).toMatchObject({ state: "refused", refusal: "denied" });
  expect(existsSync(page("denied.md"))).toBe(false);
});

it("MT-89 the policy that asks is Cedar for everybody to read, and the rules of the road say it and are read back", async () => {
  const key = await plane.person(ana);
  const { policies } = (await plane.call("GET", "/v1/policies", { key })).json;
  const shown = policies.find(({ id }: { id: string }) => id === preset);
  expect(shown).toMatchObject({ source: "workflow", effect: "forbid" });
  expect(shown.text).toContain('when { context.tool.verb != "read" }');
  expect(shown.text).toContain('Action::"files.write_file"');
  const { paragraphs } = (await plane.call("GET", "/v1/workflows/docs-upkeep/rules", { key })).json;
  expect(paragraphs[0]).toContain("On its own it may only read, with `files.write_file`, ");
  expect(paragraphs[0]).toContain(
    "; before every write a person must approve, `dri` where no sentence here says who. Before `files.edit_file`",
  );
  const body = { prose: paragraphs.join("\n\n").replace("It is guardrailed,", "It is mesh,") };
  const drafted = (await plane.call("POST", "/v1/workflows/draft", { key, body })).json;
  expect(drafted.faults).toEqual([]);
  expect(drafted.file).toContain("pattern: guardrailed");
});

it("MT-89 the pattern cannot be left by one person, and leaving it is said to be wider", async () => {
  const key = await plane.person(ana);
  const { files } = (await plane.call("GET", "/v1/workspace/files", { key })).json;
  const name = "workflows/docs-upkeep.yaml";
  const loose = { ...files, [name]: files[name].replace("pattern: guardrailed", "pattern: autonomous-nonprod") };
  const { plan } = (await plane.call("POST", "/v1/workspace/plan", { key, body: { files: loose } })).json;
  expect(JSON.stringify(plan.changes)).toContain("not every write needs a person any more");
  expect(plan.needsCare).toBe(true);
  const applied = await plane.call("POST", "/v1/workspace/apply", { key, body: { files: loose } });
  expect(applied.json).toMatchObject({ inForce: false, proposal: expect.stringMatching(/^gov_/) });
  expect((await write("still.md")).state).toBe("held");
});
