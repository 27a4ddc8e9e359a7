import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const labels = `
tools:
  read_graph:
    flow:
      effect: read
      result:
        integrity: untrusted
        confidentiality: personal
        fields:
          - { at: entities.*.name, confidentiality: internal }
          - { at: entities.*.entityType, confidentiality: internal }
          - { at: relations, confidentiality: internal }
`;
const lea = { type: "entity", name: "order 4711", entityType: "order", observations: ["for lea@client.example"] };
let plane: TestPlane;
let agent: string;

beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "tools/memory.yaml": (text) => text + labels,
      "tools/files.yaml": (text) => `${text}\nlimits: { maxResultBytes: 4096 }\n`,
      "workflows/docs-upkeep.yaml": (text) => `${text}\nredact: [{ tool: memory.read_graph, label: personal }]\n`,
    },
  });
  writeFileSync(join(plane.folder, "sandbox/memory.jsonl"), `${JSON.stringify(lea)}\n`);
  agent = await plane.agent("scribe");
}, 120_000);
afterAll(() => plane?.close());

async function use(tool: string, args: object) {
  const { json } = await plane.call("POST", "/v1/actions", {
    key: agent,
    body: { server: "memory", tool, arguments: args },
  });
  const { json: receipt } = await plane.call("GET", `/v1/receipts/${json.id}`, { key: await plane.person(bo) });
  return { done: json, receipt };
}
async function readPage(name: string, text: string) {
  const path = join(plane.folder, "sandbox/pages", name);
  writeFileSync(path, text);
  const body = { server: "files", tool: "read_text_file", arguments: { path } };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, body });
  const { json: receipt } = await plane.call("GET", `/v1/receipts/${json.id}`, { key: await plane.person(bo) });
  return { done: json, receipt };
}
const textsOf = (result: { content: readonly { text: string }[] }) => result.content.map(({ text }) => text);

describe("what a workflow cuts out of answers by their labels", () => {
  it("reaches no agent and no record; what is less confidential does", async () => {
    const { done, receipt } = await use("read_graph", {});
    expect(done).toMatchObject({ state: "done", isError: false });
    const rest = { entities: [{ name: "order 4711", entityType: "order" }], relations: [] };
    expect(JSON.parse(textsOf(done.result)[1] ?? "")).toEqual(rest);
    expect(textsOf(done.result)[0]).toContain("it ran; by a rule its answer comes without what is personal");
    expect(receipt.data).toMatchObject({ cut: "personal" });
    expect(receipt.policy.determining).toMatchObject([{ id: "docs-upkeep/allow/memory.read_graph" }]);
    expect(receipt.policy.determining[0].text).toContain('@redact("personal")');
    expect(JSON.stringify([done, receipt])).not.toContain("lea@");
  });

  it("is told in words on the receipt's page", async () => {
    const { receipt } = await use("read_graph", {});
    const page = await plane.call("GET", `/receipts/${receipt.id}.html`, { key: await plane.person(bo) });
    expect(page.text).toContain("by the label `personal`");
  });

  it("leaves alone the answers of other tools", async () => {
    const { done, receipt } = await use("search_nodes", { query: "4711" });
    expect(JSON.stringify(done.result)).toContain("lea@client.example");
    expect(receipt.data.cut).toBeUndefined();
  });
});

describe("an answer that is larger than its tools file allows", () => {
  it("is withheld from the agent and the record, and it is said that the call ran", async () => {
    // The text comes twice, and in JSON.
    const { done, receipt } = await readPage("large.md", "lea ".repeat(600));
    expect(done).toMatchObject({ state: "done", isError: false });
    const why = "the result has more than 4096 bytes, the limit of its tools file, and is withheld";
    expect(textsOf(done.result)).toEqual([`it ran: ${why}; ask for less`]);
    expect(receipt.data.withheld).toBe(why);
    expect(receipt.what.resultDigest).toMatch(/^sha256:/);
    expect(JSON.stringify([done, receipt])).not.toContain("lea lea");
    const fits = await readPage("small.md", "lea ".repeat(300));
    expect(JSON.stringify(fits.done.result)).toContain("lea lea");
    expect(fits.receipt.data.withheld).toBeUndefined();
  });
});
