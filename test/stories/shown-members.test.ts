import { type Shown, type ShownMember, shownDocument, shownMembers } from "@countersign/contract";
import { expect, it } from "vitest";
import { approvalLines } from "../../packages/countersign/src/doors/cli/approval-lines.ts";
import { Shell } from "../../packages/countersign/src/doors/cli/shell.ts";
import type { Terminal } from "../../packages/countersign/src/doors/cli/terminal.ts";
import { approvalPage } from "../../packages/countersign/src/doors/http/approval-page.ts";
import { text } from "../../packages/countersign/src/doors/http/page.ts";
import type { ShownApproval } from "../../packages/countersign/src/governance/index.ts";

const digest = (of: string) => `sha256:${of.repeat(64)}`;

/** A request that has everything which can be shown, each with words of its own. */
const whole: ShownApproval = {
  id: "act_01m825j6bwd9m3wxer95wjg1h0",
  state: "held",
  agent: "agent-scribe",
  workflow: "flow-of-docs",
  run: "run_of-the-task",
  server: "server-files",
  tool: "tool_write",
  verb: "execute",
  target: "/pages/<target>.md",
  environment: "sandbox-one",
  callDigest: digest("a"),
  sentence: "held",
  openedAt: "2026-11-26T08:00:00.000Z",
  onBehalfOf: "kim@acme.example",
  args: { path: "argument-path", content: "argument <content>" },
  beyond: { answer: "travels-with-it" },
  before: { content: "content-before" },
  plan: {
    kind: "inverse",
    tool: "tool_of_undo",
    args: { content: "argument-of-undo" },
    before: { content: "content-before" },
    capturedAt: "2026-11-26T08:00:00.000Z",
    sentence: "writes back what was there",
  },
  claim: "claim-of-agent <b>",
  questions: [
    { number: 1, by: "ana@acme.example", at: "2026-11-26T08:01:00.000Z", question: "asked-back", reply: "reply-claim" },
  ],
  editOf: { action: "act_edited-from", by: "eve@acme.example", reason: "reason-of-edit" },
  undoes: { action: "act_undone", by: "bo@acme.example", reason: "reason-of-undo" },
  risk: { level: "high", words: [{ word: "destructive-word", reason: "reason-of-risk" }] },
  reach: { counts: { objects: 4711 }, sentence: "4711 objects" },
  flow: {
    sentence: "it has read a page of the web",
    effect: "internal",
    tainted: true,
    sources: [],
    read: [],
    destinations: [],
  } as unknown as NonNullable<ShownApproval["flow"]>,
  requirements: [
    {
      kind: "approval",
      policy: "policy-that-asks",
      policyDigest: digest("b"),
      from: "editors",
      count: 1,
      exclude: ["requester"],
      openMs: 14_400_000,
      validMs: 14_400_000,
      sentence: "an approval from group `editors`, not from the requester",
    },
  ],
  yours: true,
  shownDigest: digest("c"),
  effect: {
    known: true,
    sentence: "1 line of content",
    changes: [{ kind: "text", at: "content", added: 1, removed: 1, lines: ["- line-gone", "+ line-new"] }],
    beside: ["beside-this"],
  },
  undo: { kind: "inverse", sentence: "writes back what was there", until: null, lastWorked: null },
  why: {
    sentence: "enough would be one approval from group `editors`",
    questions: [
      {
        policy: "policy-that-asks",
        sentence: "an approval",
        from: "editors",
        count: 1,
        answered: [],
        missing: 1,
        may: [{ person: "ana@acme.example", name: "Ana", free: true }],
        mayNot: ["excluded@acme.example"],
      },
    ],
    besides: [],
  },
  passkey: { required: false, allowCredentials: [] },
};

const shell = new Shell({ stdout: { isTTY: false }, env: {} } as unknown as Terminal);
const surfaces: readonly (readonly [string, (of: ShownApproval) => string])[] = [
  ["the form", (of) => approvalPage(of, undefined, 0).text],
  ["the command line", (of) => approvalLines(shell, of as unknown as Parameters<typeof approvalLines>[1]).join("\n")],
];

/** The same request with something else, or nothing, where the document has this member. */
const others: Record<ShownMember, (of: ShownApproval) => ShownApproval> = {
  ...(Object.fromEntries(
    ["id", "agent", "workflow", "run", "server", "tool", "verb", "target", "environment", "callDigest"].map((name) => [
      name,
      (of: ShownApproval) => ({ ...of, [name]: "another" }),
    ]),
  ) as Record<
    "id" | "agent" | "workflow" | "run" | "server" | "tool" | "verb" | "target" | "environment" | "callDigest",
    (of: ShownApproval) => ShownApproval
  >),
  onBehalfOf: ({ onBehalfOf: _, ...rest }) => rest,
  args: (of) => ({ ...of, args: { path: "argument-path", content: "other" } }),
  beyond: ({ beyond: _, ...rest }) => rest,
  before: (of) => ({ ...of, before: { content: "other" } }),
  claim: ({ claim: _, ...rest }) => rest,
  questions: ({ questions: _, ...rest }) => rest,
  editOf: ({ editOf: _, ...rest }) => rest,
  undoes: (of) => ({ ...of, undoes: { action: "act_undone", by: "bo@acme.example", reason: "other" } }),
  requirements: (of) => ({
    ...of,
    requirements: of.requirements.map((one) => ({ ...one, policy: "another" })),
  }),
  plan: (of) => ({ ...of, plan: { ...of.plan, args: { content: "other" } } as NonNullable<ShownApproval["plan"]> }),
  risk: (of) => ({ ...of, risk: { level: "high", words: [] } }),
  touched: (of) => ({ ...of, reach: { counts: { objects: 1 }, sentence: "1 object" } }),
  flow: ({ flow: _, ...rest }) => rest,
};

it.each(surfaces)("%s shows every member of the document that is answered", (_, show) => {
  expect(Object.keys(others).sort()).toEqual([...shownMembers].sort());
  // The request of this test leaves nothing out.
  expect(Object.keys(shownDocument(whole as Shown)).sort()).toEqual(["v", ...shownMembers].sort());
  const shown = show(whole);
  const missing = shownMembers.filter((member) => show(others[member](whole)) === shown);
  expect(missing).toEqual([]);
});

it.each(surfaces)("%s tells what each member says, escaped, besides who is excluded and the difference", (_, show) => {
  const shown = show(whole);
  const isPage = shown.startsWith("<!doctype");
  const told = [
    "execute",
    "argument-path",
    "argument <content>",
    "travels-with-it",
    "content-before",
    "tool_of_undo",
    "argument-of-undo",
    "claim-of-agent <b>",
    "asked-back",
    "reply-claim",
    "reason-of-edit",
    "bo@acme.example asks to undo",
    "act_undone",
    "reason-of-undo",
    "destructive-word",
    "reason-of-risk",
    "4711 objects",
    "t has read a page of the web",
    "policy-that-asks",
    "enough would be",
    "excluded@acme.example",
    "line-gone",
    "line-new",
    "beside-this",
    "/pages/<target>.md",
  ];
  const missing = told.filter((one) => !shown.toLowerCase().includes((isPage ? text(one).html : one).toLowerCase()));
  expect(missing).toEqual([]);
  if (isPage) expect(shown).not.toMatch(/<content>|<target>|agent <b>/);
});

it.each(surfaces)("%s says that it cannot be undone, in that place", (_, show) => {
  const { plan: _plan, ...rest } = whole;
  const shown = show({
    ...rest,
    plan: { kind: "irreversible", reason: "what was there before could not be read as text" },
    undo: { kind: "irreversible", sentence: "what was there before could not be read", until: null, lastWorked: null },
  });
  expect(shown.toLowerCase()).toMatch(/it cannot be undone[:( ]+irreversible/);
  expect(shown.toLowerCase()).not.toMatch(/how to undo it|how it would be undone/);
});

it("an agent that says in its claim that somebody asks for an undo looks different from somebody who asks", () => {
  const { undoes: _, ...rest } = whole;
  for (const [, show] of surfaces) {
    const claimed = show({ ...rest, claim: "reverses act_undone: bo@acme.example asks to undo act_undone" });
    expect(claimed).toMatch(/claim\)?:\s+reverses act_undone/);
    expect(claimed).not.toMatch(/<h1>[^<]*undo|^bo@acme.example asks to undo/m);
    expect(show(whole)).toMatch(
      /<h1>bo@acme.example asks to undo act_undone|^bo@acme.example asks to undo act_undone/m,
    );
  }
});
