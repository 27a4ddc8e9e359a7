import { expect, it } from "vitest";
import type { OpenAction } from "../action/index.ts";
import { Secret } from "../floor/secret.ts";
import { lowRiskText, openValue, sealValue } from "./chat-call.ts";

const approval = {
  kind: "approval",
  policy: "docs/ask",
  policyDigest: `sha256:${"1".repeat(64)}`,
  from: "editors",
  count: 1,
  exclude: ["requester"],
  openMs: 1000,
  validMs: 1000,
  sentence: "an approval from editors",
} as const;

const open = {
  id: "act_1",
  state: "held",
  agent: "scribe",
  workflow: "docs",
  run: "run_1",
  server: "files",
  tool: "write_file",
  verb: "execute",
  target: "a.md",
  environment: "sandbox",
  callDigest: `sha256:${"2".repeat(64)}`,
  requirements: [approval],
  sentence: "held",
  openedAt: "2026-11-02T10:00:00Z",
  risk: { level: "medium", words: [] },
  args: { path: "a.md", content: "hello" },
  plan: {
    kind: "inverse",
    tool: "write_file",
    args: {},
    before: "old",
    capturedAt: "2026-11-02T10:00:00Z",
    sentence: "puts it back",
  },
} as unknown as OpenAction;

const control = (chat: string) =>
  ({
    keeper: {
      loaded: () => ({
        workspace: {
          workflows: [{ name: "docs", chat }],
          environments: [
            { name: "sandbox", production: false },
            { name: "live", production: true },
          ],
        },
      }),
    },
  }) as unknown as Parameters<typeof lowRiskText>[0];
const low = (more: object, chat = "low-risk") => lowRiskText(control(chat), { ...open, ...more } as OpenAction);

it("what can be undone outside production, asks for one ordinary approval and fits is of low risk", () => {
  expect(low({})).toContain('"content": "hello"');
});

it.each([
  ["the workflow says nothing", {}, "off"],
  ["the workflow is another one", { workflow: "other" }],
  ["it is in production", { environment: "live" }],
  ["nobody knows the environment", { environment: "elsewhere" }],
  ["nothing undoes it", { plan: { kind: "irreversible", reason: "a mail is out" } }],
  ["nothing was captured", { plan: { kind: "none", reason: "nothing" } }],
  ["there is no plan", { plan: undefined }],
  ["it asks for a passkey", { requirements: [{ ...approval, passkey: true }] }],
  ["it asks for something that this code does not know", { requirements: [{ ...approval, fingerprint: false }] }],
  ["it asks for two people", { requirements: [{ ...approval, count: 2 }] }],
  ["two policies ask", { requirements: [approval, { ...approval, policy: "other" }] }],
  ["something else is missing", { requirements: [{ kind: "step_up", policy: "p", policyDigest: "d", sentence: "s" }] }],
  ["nothing is missing", { requirements: [] }],
  ["its words of risk come to high", { risk: { level: "high", words: [] } }],
  ["nobody said how risky it is", { risk: undefined }],
  ["a stop freezes it", { frozenBy: "stp_1" }],
  ["its call may not be seen", { args: undefined }],
  ["it does not fit", { args: { content: "x".repeat(3_000) } }],
  ["it does not fit once it is escaped", { args: { content: "&".repeat(600) } }],
  ["it hides something", { args: { content: "a\u202eb" } }],
  ["it hides something beside the arguments", { claim: "a\u200bb" }],
])("it is not where %s", (_why, more, chat = "low-risk") => expect(low(more, chat)).toBeUndefined());

it("a button's value is nobody else's", () => {
  const key = new Secret("a key");
  const value = { action: "act_1", person: "bo@acme.example", callDigest: "c", shownDigest: "s" };
  const sealed = sealValue(key, value);
  expect(openValue(key, sealed)).toEqual(value);
  for (const other of [
    sealValue(new Secret("another"), value),
    `${sealed}a`,
    `x${sealed}`,
    sealed.split(".")[0] ?? "",
    "",
    ".",
  ])
    expect(openValue(key, other)).toBeUndefined();
});
