import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toolIdSchema } from "./names.ts";
import { readRoad, roadFile } from "./read-road.ts";
import { type Workflow, workflowFile } from "./workflow.ts";
import { writeRoad } from "./write-road.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const email = fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.example$/);
const tool = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,8}\.[A-Za-z0-9_./:-]{1,12}$/)
  .filter((id) => toolIdSchema.safeParse(id).success);
const tools = fc.uniqueArray(tool, { maxLength: 4 });
const duration = fc.stringMatching(/^[1-9][0-9]{0,4}[smhd]$/);
const money = fc.stringMatching(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})? [A-Z]{3}$/);
const share = fc.stringMatching(/^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)%$/);
const day = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2090-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const count = fc.integer({ min: 1, max: 1_000_000_000 });
const words = fc.string({ minLength: 1, maxLength: 80, unit: "binary" });
const some = <T>(record: { readonly [member: string]: fc.Arbitrary<T> }) => fc.record(record, { requiredKeys: [] });

const file = fc.record(
  {
    workflow: name,
    purpose: words,
    dri: email,
    deputy: email,
    cover: fc.array(fc.record({ person: email, from: day, to: day }), { maxLength: 2 }),
    pattern: fc.constantFrom("copilot-only", "guardrailed", "autonomous-nonprod", "autonomous-prod-limited", "mesh"),
    agents: fc.array(name, { maxLength: 3 }),
    tier: fc.constantFrom(0, 1, 2, 3),
    allow: tools,
    ask: fc.array(
      fc.record(
        {
          tool,
          from: fc.oneof(name, email, fc.constant("dri")),
          count: fc.integer({ min: 1, max: 10 }),
          open: duration,
          valid: duration,
          exclude: fc.subarray(["owner", "requester"]),
        },
        { requiredKeys: ["tool", "from"] },
      ),
      { maxLength: 4 },
    ),
    block: tools,
    irreversible: tools,
    redact: fc.array(fc.record({ tool, label: fc.constantFrom("internal", "personal", "secret") }), { maxLength: 3 }),
    rules: fc.array(fc.record({ rule: words, by: fc.array(words, { maxLength: 2 }) }, { requiredKeys: ["rule"] }), {
      maxLength: 2,
    }),
    gate: fc.record(
      { suite: name, threshold: share, rule: fc.constantFrom("point", "wilson"), adversarial: name },
      { requiredKeys: ["suite", "threshold"] },
    ),
    logging: some<unknown>({
      capture: fc.constantFrom("full", "digests"),
      redact: fc.subarray(["secret", "personal"]),
      keep: duration,
    }),
    budget: some<unknown>({
      run: money,
      day: money,
      alert: share,
      calls: some({ perMinute: count, perRun: count, perDay: count }),
    }),
    caps: some<unknown>({ objects: count, customers: count, nodes: count, rows: count, money }),
    escalation: fc.array(
      fc.tuple(fc.oneof(name, email), duration).map(([to, after]) => `${to} after ${after}`),
      { maxLength: 3 },
    ),
    rollback: fc.record(
      { playbook: words, drill: duration.map((text) => `every ${text}`) },
      { requiredKeys: ["playbook"] },
    ),
    baseline: fc.record({ from: day, to: day }),
    mode: fc.oneof(
      fc.constant("enforce"),
      day.map((text) => `observe until ${text}`),
    ),
    flow: fc.constantFrom("enforce", "off"),
  },
  { requiredKeys: ["workflow", "purpose", "dri", "pattern", "agents", "tier"] },
);

describe("the rules of the road", () => {
  it("MT-259 are exactly two paragraphs, and those two are the workflow again, whatever it says", () => {
    fc.assert(
      fc.property(file, (raw) => {
        const workflow = workflowFile.parse(raw);
        const paragraphs = writeRoad(workflow);
        expect(paragraphs).toHaveLength(2);
        for (const paragraph of paragraphs) expect(paragraph).not.toMatch(/[\n\r]/);
        const read = readRoad(paragraphs.join("\n\n"));
        expect(read.faults).toEqual([]);
        expect(workflowFile.parse(read.draft)).toEqual(workflow);
        expect(workflowFile.parse(parse(roadFile(read)))).toEqual(workflow);
      }),
      { numRuns: 500, seed: 259 },
    );
  });

  it("MT-259 no member of a workflow is left out: a change of any of them changes a paragraph", () => {
    fc.assert(
      fc.property(file, file, (one, other) => {
        const [a, b] = [workflowFile.parse(one), workflowFile.parse(other)];
        for (const member of Object.keys(b) as (keyof Workflow)[]) {
          const mixed = { ...a, [member]: b[member] } as Workflow;
          if (JSON.stringify(mixed[member]) === JSON.stringify(a[member])) continue;
          expect(writeRoad(mixed), member).not.toEqual(writeRoad(a));
        }
      }),
      { numRuns: 200, seed: 260 },
    );
  });

  it("says which guardrails there are, and that a draft has to write them itself", () => {
    const guardrails = [{ use: "four-eyes", tools: ["git.git_push"], from: "leads" }];
    const base = { workflow: "w", purpose: "p", dri: "ana@acme.example", pattern: "mesh", agents: [], tier: 0 };
    const paragraphs = writeRoad(workflowFile.parse({ ...base, guardrails }));
    expect(paragraphs[0]).toContain("Its file also has the guardrail `four-eyes`.");
    const read = readRoad(paragraphs.join("\n\n"));
    expect(read.named).toEqual(["guardrails"]);
    expect(roadFile(read)).toContain("# guardrails: named in the prose, to be written here");
  });

  it("keeps what it cannot read, and says what would be read", () => {
    const read = readRoad(
      "`notes` is there for this: “keep notes. Really”. It may never cost more than `2 USD`, ok.\n",
    );
    expect(read.draft).toEqual({ workflow: "notes", purpose: "keep notes. Really" });
    expect(read.faults).toEqual([
      { sentence: "It may never cost more than `2 USD`, ok", help: expect.stringContaining("It may cost 2 USD a run") },
    ]);
  });
});
