import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import type { WorkspaceFiles } from "./files.ts";
import { sentence } from "./finding.ts";
import { changeLine, drift, plan } from "./plan.ts";
import { read } from "./read.ts";
import type { Workspace } from "./workspace.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const org = "countersign.yaml";
const replies = "workflows/replies.yaml";
const tools = "tools/helpdesk.yaml";

function workspaceOf(files: WorkspaceFiles): Workspace {
  const { workspace, problems } = check(files);
  if (workspace === undefined) throw new Error(problems.map(sentence).join("\n"));
  return workspace;
}

/** The golden workspace with texts replaced; fails where one is not there. */
function edited(...edits: readonly (readonly [file: string, from: string, to: string])[]): Workspace {
  const files: Record<string, string> = { ...golden };
  for (const [file, from, to] of edits) {
    const text = files[file] ?? "";
    if (!text.includes(from)) throw new Error(`no ${from} in ${file}`);
    files[file] = text.replace(from, () => to);
  }
  return workspaceOf(files);
}

function lines(before: Workspace | undefined, after: Workspace): readonly string[] {
  return plan(before, after).changes.map(changeLine);
}

const base = workspaceOf(golden);
const changed = (file: string, from: string, to: string): readonly string[] => lines(base, edited([file, from, to]));

describe("plan", () => {
  it("says everything the first time", () => {
    expect(lines(undefined, base)).toEqual([
      "! + person ana@acme.example: `dri`, `admin`, `approver` in `leads`",
      "! + person bo@acme.example: `operator`, `approver` in `leads`, `readers`",
      "  + person cy@acme.example: `viewer` in `readers`",
      "  + group leads: a new group",
      "  + group readers: a new group",
      "! + agent reply-bot: owned by `ana@acme.example` in `replies`",
      "! + agent second-bot: owned by `bo@acme.example` in `second`",
      "  + environment production: production",
      "! + environment staging: not production",
      "! + workflow replies: `reply-bot` at tier 1 under `ana@acme.example`: 2 allowed, 1 with approval, 2 blocked",
      "! + workflow second: `second-bot` at tier 0 under `ana@acme.example`: 1 allowed, 0 with approval, 0 blocked, observing until 2027-01-31",
      "! + server helpdesk: http",
      "? + policy policies/freeze.cedar: new policies",
    ]);
    expect(plan(undefined, base)).toMatchObject({ to: base.digest, needsCare: true });
  });

  it("says nothing where nothing changes", () => {
    expect(plan(base, base)).toEqual({ from: base.digest, to: base.digest, changes: [], needsCare: false });
  });

  it.each<[file: string, from: string, to: string, said: readonly string[]]>(
    [
      [replies, "tier: 1", "tier: 2", ["! ~ workflow replies: the tier rises from 1 to 2"]],
      ["workflows/second.yaml", "tier: 0", "tier: 1", ["! ~ workflow second: the tier rises from 0 to 1"]],
      [replies, "count: 1", "count: 2", ["  ~ workflow replies: `helpdesk.draft_refund` needs 2 people, no longer 1"]],
      [
        replies,
        "open: 4h",
        "open: 4h\n    exclude: []",
        ["! ~ workflow replies: `helpdesk.draft_refund` may be approved by the requester"],
      ],
      [
        replies,
        "open: 4h",
        "open: 4h\n    valid: 1d",
        ["! ~ workflow replies: an approval of `helpdesk.draft_refund` counts longer"],
      ],
      [
        replies,
        "from: leads",
        "from: readers",
        ["? ~ workflow replies: `helpdesk.draft_refund` is asked of `readers`, no longer of `leads`"],
      ],
      [replies, "day: 50 USD", "day: 500 USD", ["! ~ workflow replies: the budget of a day changes"]],
      [replies, "day: 50 USD", "day: 5 USD", ["  ~ workflow replies: the budget of a day changes"]],
      [replies, "97.0%", "90%", ["! ~ workflow replies: the evaluation gate changes"]],
      [
        replies,
        "pattern: guardrailed",
        "pattern: mesh\nmode: observe until 2026-12-31",
        [
          "! ~ workflow replies: it is `mesh`, no longer `guardrailed`: not every write needs a person any more",
          "! ~ workflow replies: its rules are observed and not enforced until 2026-12-31",
        ],
      ],
      [
        replies,
        "allow: [helpdesk.search_tickets, helpdesk.draft_reply]\nask:\n",
        "allow: [helpdesk.search_tickets]\nask:\n  - { tool: helpdesk.draft_reply, from: dri, count: 1, open: 4h, valid: 30d, exclude: [], passkey: false }\n",
        [
          "  ~ workflow replies: `helpdesk.draft_reply` is allowed with approval; it was allowed",
          "! ~ workflow replies: `helpdesk.draft_reply` may be approved by the requester",
          "! ~ workflow replies: an approval of `helpdesk.draft_reply` counts longer",
          "! ~ workflow replies: `helpdesk.draft_reply` never takes a passkey",
        ],
      ],
      [
        "workflows/second.yaml",
        "pattern: copilot-only",
        "pattern: mesh",
        ["? ~ workflow second: it is `mesh`, no longer `copilot-only`"],
      ],
      [
        "workflows/second.yaml",
        "pattern: copilot-only\nagents: [second-bot]\ntier: 0\nmode: observe until 2027-01-31\n",
        "pattern: guardrailed\nagents: [second-bot]\ntier: 0\n",
        [
          "  ~ workflow second: it is `guardrailed`, no longer `copilot-only`: a person approves every write",
          "  ~ workflow second: its rules are enforced from now on",
        ],
      ],
      [
        "workflows/second.yaml",
        "mode: observe until 2027-01-31\n",
        "",
        ["  ~ workflow second: its rules are enforced from now on"],
      ],
      [replies, "keep: 400d", "keep: 30d", ["? ~ workflow replies: `logging` changes"]],
      [replies, "deputy: bo@", "deputy: cy@", ["? ~ workflow replies: `deputy` changes"]],
      [
        org,
        "name: Cy, roles: [viewer]",
        "name: Cy, roles: [viewer, admin]",
        ["! ~ person cy@acme.example: gains the role `admin`"],
      ],
      [org, "[leads, readers]", "[leads]", ["  ~ person bo@acme.example: loses the group `readers`"]],
      [
        org,
        "groups: [readers] }",
        "groups: [leads] }",
        [
          "! ~ person cy@acme.example: gains the group `leads`",
          "  ~ person cy@acme.example: loses the group `readers`",
        ],
      ],
      [
        org,
        "production: { production: true }",
        "production: { production: false }",
        ["! ~ environment production: it is not production; it was production"],
      ],
      [
        org,
        "perMinute: 60",
        "perMinute: 600",
        ["! ~ organisation Acme Example: the limit of calls `perMinute` is 600; it was 60"],
      ],
      [
        org,
        "limits: { perMinute: 60 }",
        "limits: { perDay: 10 }",
        [
          "! ~ organisation Acme Example: the limit of calls `perMinute` is gone; it was 60",
          "  ~ organisation Acme Example: the limit of calls `perDay` is 10; it was not set",
        ],
      ],
      [
        org,
        "limits:",
        "anchors: [{ kind: file, path: /var/anchor }]\nlimits:",
        ["? ~ organisation Acme Example: `anchors` changes"],
      ],
      [
        org,
        "owner: bo@",
        "owner: ana@",
        ["  ~ agent second-bot: its owner is `ana@acme.example`, no longer `bo@acme.example`"],
      ],
      [
        tools,
        "send_reply: { verb: execute }",
        "send_reply: { verb: read }",
        ["? ~ server helpdesk: describes `send_reply` differently"],
      ],
      [tools, "mcp\n", "mcp2\n", ["? ~ server helpdesk: it is reached or started in another way"]],
      ["policies/freeze.cedar", "freeze", "thaw", ["? ~ policy policies/freeze.cedar: its text changes"]],
      [
        replies,
        "tier: 1",
        "tier: 1 # as agreed",
        ["  ~ file workflows/replies.yaml: its text changes, its meaning does not"],
      ],
    ].slice(1) as never,
  )("%s: %s -> %s", (file, from, to, said) => {
    expect(changed(file, from, to)).toEqual(said);
  });

  it("marks each tool that moves, and only a move to fewer questions as wider", () => {
    const list = "allow: [helpdesk.search_tickets, helpdesk.draft_reply]";
    const blocked = "block: [helpdesk.send_reply, helpdesk.delete_ticket]";
    const after = edited(
      [replies, list, "allow: [helpdesk.draft_reply, helpdesk.send_reply]"],
      [replies, blocked, "block: [helpdesk.search_tickets]"],
    );
    expect(lines(base, after)).toEqual([
      "  ~ workflow replies: `helpdesk.delete_ticket` is not listed, so refused; it was blocked",
      "  ~ workflow replies: `helpdesk.search_tickets` is blocked; it was allowed",
      "! ~ workflow replies: `helpdesk.send_reply` is allowed; it was blocked",
    ]);
    expect(lines(after, base)).toContain("! ~ workflow replies: `helpdesk.search_tickets` is allowed; it was blocked");
  });

  it("marks what answers hold again as wider", () => {
    const allow = "allow: [helpdesk.search_tickets, helpdesk.draft_reply]";
    const cut = (label: string) =>
      edited([replies, allow, `${allow}\nredact: [{ tool: helpdesk.search_tickets, label: ${label} }]`]);
    expect(lines(base, cut("personal"))).toEqual([
      "  ~ workflow replies: what `helpdesk.search_tickets` answers comes without what is personal, or more confidential",
    ]);
    expect(lines(cut("personal"), cut("internal"))).toEqual([
      "  ~ workflow replies: what `helpdesk.search_tickets` answers comes without what is internal, or more confidential; it was without what is personal",
    ]);
    expect(lines(cut("personal"), cut("secret"))[0]).toMatch(/^! ~/);
    expect(lines(cut("personal"), base)).toEqual([
      "! ~ workflow replies: what `helpdesk.search_tickets` answers comes whole again; it was without what is personal",
    ]);
  });

  it("says what is gone", () => {
    const { "workflows/second.yaml": _second, "policies/freeze.cedar": _freeze, ...rest } = golden;
    const without = workspaceOf({
      ...rest,
      [org]: (rest[org] ?? "").replace("  - { name: second-bot, owner: bo@acme.example }\n", ""),
    });
    expect(lines(base, without)).toEqual([
      "  - agent second-bot: it may do nothing any more",
      "  - workflow second: its agents `second-bot` may do nothing any more",
      "! - policy policies/freeze.cedar: its policies no longer hold",
    ]);
  });

  it("is its own JSON", () => {
    const whole = plan(undefined, base);
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  });
});

describe("drift", () => {
  it("names the files that are not what was applied", () => {
    expect(drift(base, base)).toEqual({ drifted: false, running: base.digest, files: base.digest, changed: [] });
    const after = edited([replies, "tier: 1", "tier: 2"], [org, "Acme", "Akme"]);
    expect(drift(base, after)).toMatchObject({ drifted: true, changed: [org, replies] });
  });
});
