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
