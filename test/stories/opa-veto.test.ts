import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decisionDocument } from "@countersign/contract/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildOpa } from "../../scripts/build-opa.ts";
import { type BuiltBundle, buildBundle, type RunningOpa, startOpa } from "../support/opa.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

const estate = join(import.meta.dirname, "../support/estate");

const routes = ["opa-http", "opa-wasm"] as const;
type Way = (typeof routes)[number];

let opa: RunningOpa;
const bundles: BuiltBundle[] = [];
const planes = new Map<Way, { plane: TestPlane; agent: string }>();

/** Which rule of the estate is asked about which tool. */
const attached = [
  ["estate", "estate/verdict", "files.read_text_file", 30_000],
  ["pages", "estate/only_pages", "files.list_directory", 30_000],
  ["boolean", "estate/allowed", "files.get_file_info", 30_000],
  ["slow", "estate/slow", "files.directory_tree", 700],
  ["greedy", "estate/greedy", "files.search_files", 30_000],
] as const;

/** A plane whose agent's calls are asked about, one way or the other. */
async function openPlane(way: Way): Promise<void> {
  const vetoes = attached.map(([name, rule, tool, timeoutMs]) => ({
    name,
    workflows: ["docs-upkeep"],
    tools: [tool],
    timeoutMs,
    ...declared(way, rule),
  }));
  const plane = await openTestPlane({ edit: { "countersign.yaml": withVetoes(...vetoes) } });
  planes.set(way, { plane, agent: await plane.agent("scribe") });
}

function planeOf(way: Way): { plane: TestPlane; agent: string } {
  const open = planes.get(way);
  if (open === undefined) throw new Error("the plane is not open");
  return open;
}

function declared(kind: Way, rule: string): object {
  if (kind === "opa-http") return { kind, url: opa.url, path: rule };
  const bundle = buildBundle(estate, "r7", rule);
  bundles.push(bundle);
  return { kind, bundle: bundle.file, digest: bundle.digest, entrypoint: rule };
}

const withVetoes =
  (...vetoes: object[]) =>
  (text: string) =>
    `${text}\nvetoes: ${JSON.stringify(vetoes)}\n`;

const page = (plane: TestPlane, name: string) => join(plane.folder, "sandbox/pages", name);

async function read(plane: TestPlane, agent: string, name: string) {
  const path = page(plane, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "what the page says");
  return use(plane, agent, "read_text_file", { path });
}

async function use(plane: TestPlane, key: string, tool: string, args: object) {
  const { json } = await plane.call("POST", "/v1/actions", { key, body: { server: "files", tool, arguments: args } });
  return json;
}

const receiptOf = async (plane: TestPlane, id: string) =>
  (await plane.call("GET", `/v1/receipts/${id}`, { key: await plane.person(bo) })).json;

beforeAll(async () => {
  buildOpa();
  const served = buildBundle(estate, "r7");
  bundles.push(served);
  opa = await startOpa("--bundle", served.file);
  for (const way of routes) await openPlane(way);
}, 900_000);
afterAll(async () => {
  await Promise.all([...planes.values()].map(({ plane }) => plane.close()));
  await opa?.stop();
  for (const bundle of bundles) bundle.remove();
});

describe.each(routes)("the same Rego by %s (MT-134)", (way) => {
  it("lets happen what it does not object to, and its answer stands in the receipt", async () => {
    const { plane, agent } = planeOf(way);
    const done = await read(plane, agent, "welcome-too.md");
    expect(done).toMatchObject({ state: "done" });
    const { policy } = await receiptOf(plane, done.id);
    const [fact] = policy.input.facts.vetoes;
    expect(fact).toMatchObject({ veto: "estate", kind: way, effect: "allow", cures: [], revision: "r7" });
    expect(fact.answerDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const { vetoes: _, ...facts } = policy.input.facts;
    expect(decisionDocument.safeParse({ ...policy.input, facts }).error).toBeUndefined();
  });

  it.each([
    ["plans.md", "refused by veto `estate`: plans are not for agents"],
    ["watermark.md", "obligation `watermark`, which this gate cannot carry out"],
    ["blood.md", "its answer is not of a form that is known, at `requirements.0.kind`"],
    ["directors.md", "it asks for an approval of a group or person that nobody here is"],
    ["surprise.md", "its answer is not of a form that is known"],
    ["huge.md", "its answer is larger than 65536 bytes"],
  ])("refuses %s: %s", async (name, sentence) => {
    const { plane, agent } = planeOf(way);
    const refused = await read(plane, agent, name);
    expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
    expect(refused.sentence).toContain(sentence);
    const receipt = await receiptOf(plane, refused.id);
    expect(receipt.what.attempts).toBe(0);
    expect(receipt.policy.determining).toMatchObject([{ id: "veto:estate", effect: "forbid" }]);
  });

  it("lets an agent read without what has a label: neither the agent nor the record has it", async () => {
    const { plane, agent } = planeOf(way);
    const done = await read(plane, agent, "contacts.md");
    const said = "it ran; by a rule its answer comes without what is personal, or more confidential";
    const content = [said, "[redacted: personal]"].map((text) => ({ type: "text", text }));
    // The server's answer has a type, which a result without its parts is not of.
    expect(done).toMatchObject({ state: "done", result: { content, isError: true }, isError: false });
    const receipt = await receiptOf(plane, done.id);
    expect(receipt.data).toMatchObject({ cut: "personal", redactions: 1 });
    expect(receipt.policy.input.facts.vetoes[0].effect).toBe("allow");
    expect(JSON.stringify(receipt)).not.toContain("what the page says");
    expect((await read(plane, agent, "welcome-too.md")).result).toMatchObject({
      structuredContent: { content: "what the page says" },
    });
  });

  it("asks people where it says so, is asked again once they have answered, and time that has passed is no obstacle", async () => {
    const { plane, agent } = planeOf(way);
    expect(await read(plane, agent, "waited.md")).toMatchObject({ state: "done" });
    const held = await read(plane, agent, "minutes.md");
    expect(held).toMatchObject({ state: "held" });
    const key = await plane.person(ana);
    const shown = (await plane.call("GET", `/v1/approvals/${held.id}`, { key })).json;
    expect(shown.requirements).toMatchObject([{ kind: "approval", policy: "veto:estate", from: "leads" }]);
    const { callDigest, shownDigest } = shown;
    const body = { verdict: "approve", callDigest, shownDigest, reason: "fine" };
    expect((await plane.call("POST", `/v1/approvals/${held.id}/answer`, { key, body })).status).toBe(200);
    const ended = (await plane.call("GET", `/v1/actions/${held.id}?waitMs=60000`, { key: agent })).json;
    expect(ended).toMatchObject({ state: "done" });
    const { policy } = await receiptOf(plane, held.id);
    expect(policy.input.facts.vetoes).toMatchObject([
      { effect: "require", cures: [{ kind: "approval", from: "leads" }] },
    ]);
    expect(policy.input.stage).toBe("resume");
  });

  it("takes a boolean rule; one that is undefined, or that contradicts itself, denies", async () => {
    const { plane, agent } = planeOf(way);
    const pages = join(plane.folder, "sandbox/pages");
    expect(await use(plane, agent, "list_directory", { path: pages })).toMatchObject({ state: "done" });
    const outside = await use(plane, agent, "list_directory", { path: join(pages, "..") });
    expect(outside).toMatchObject({ state: "refused" });
    expect(outside.sentence).toContain("its rule is undefined for this question");
    expect(await use(plane, agent, "get_file_info", { path: pages })).toMatchObject({ state: "done" });
    const both = await use(plane, agent, "get_file_info", { path: page(plane, "plans.md") });
    expect(both).toMatchObject({ state: "refused" });
    expect(both.sentence).toContain("what cannot be asked is denied");
  });

  it("denies where no answer comes in time, and answers the next question", async () => {
    const { plane, agent } = planeOf(way);
    const late = await use(plane, agent, "directory_tree", { path: join(plane.folder, "sandbox") });
    expect(late).toMatchObject({ state: "refused" });
    expect(late.sentence).toContain("no answer within 700 ms");
    expect(late.sentence).toContain("Send it again later");
    const again = await use(plane, agent, "directory_tree", { path: join(plane.folder, "sandbox/pages") });
    expect(again.sentence).toContain("no answer within 700 ms");
    expect(await read(plane, agent, "after.md")).toMatchObject({ state: "done" });
  });

  it("is asked of nothing that the policies deny, and of nothing that a check refuses", async () => {
    const { plane, agent } = planeOf(way);
    const args = { source: page(plane, "a.md"), destination: page(plane, "b.md") };
    const blocked = await use(plane, agent, "move_file", args);
    expect(blocked).toMatchObject({ state: "refused", refusal: "policy" });
    expect((await receiptOf(plane, blocked.id)).policy.input.facts.vetoes).toBeUndefined();
    const misfit = await use(plane, agent, "read_text_file", { path: page(plane, "plans.md"), head: "seven" });
    expect(misfit).toMatchObject({ state: "refused", refusal: "check" });
    expect((await receiptOf(plane, misfit.id)).policy.input.facts.vetoes).toBeUndefined();
  });
});

it("a bundle that wants more memory than an instance may have is a denial, and is no harm to the next question", async () => {
  const { plane, agent } = planeOf("opa-wasm");
  const args = { path: join(plane.folder, "sandbox"), pattern: "*.md" };
  const refused = await use(plane, agent, "search_files", args);
  expect(refused.sentence).toContain("the bundle could not be evaluated within its bounds");
  expect(await read(plane, agent, "after-all.md")).toMatchObject({ state: "done" });
});
