import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import type { WorkspaceFiles } from "./files.ts";
import { sentence } from "./finding.ts";
import { read } from "./read.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const org = "countersign.yaml";
const replies = "workflows/replies.yaml";
const tools = "tools/helpdesk.yaml";

/** The golden workspace with one text of one file replaced; fails where there is no such text. */
function edited(file: string, from: string, to: string): WorkspaceFiles {
  const text = golden[file] ?? "";
  if (!text.includes(from)) throw new Error(`no ${from} in ${file}`);
  return { ...golden, [file]: text.replace(from, () => to) };
}

function found(files: WorkspaceFiles): string {
  const { problems } = check(files);
  return problems.map(sentence).join("\n");
}

const broken = (file: string, from: string, to: string): string => {
  const { workspace } = check(edited(file, from, to));
  expect(workspace).toBeUndefined();
  return found(edited(file, from, to));
};

describe("check", () => {
  it("accepts the golden workspace, whole and typed", () => {
    expect(found(golden)).toBe("");
    const { workspace } = check(golden);
    expect(workspace?.agents).toEqual([
      { name: "reply-bot", owner: "ana@acme.example", workflow: "replies" },
      { name: "second-bot", owner: "bo@acme.example", workflow: "second" },
    ]);
    expect(workspace?.workflows[0]).toMatchObject({
      name: "replies",
      ask: [
        {
          tool: "helpdesk.draft_refund",
          from: "leads",
          count: 1,
          openMs: 14_400_000,
          validMs: 3_600_000,
          exclude: ["requester"],
        },
      ],
      gate: { threshold: 0.97, rule: "point" },
      logging: { keepMs: 400 * 86_400_000 },
      budget: { run: { currency: "USD", amountMicros: 2_000_000 }, alert: 0.8, calls: {} },
      escalation: [
        { to: "ana@acme.example", afterMs: 900_000, mayAnswer: false },
        { to: "leads", afterMs: 3_600_000, mayAnswer: false },
      ],
      rollback: { drillEveryMs: 30 * 86_400_000 },
      mode: { kind: "enforce" },
    });
    expect(workspace?.policies.map((policy) => policy.file)).toEqual(["policies/freeze.cedar"]);
    expect(workspace?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe("the form of a file", () => {
  it.each([
    ["an unknown key", replies, "deputy:", "deputty:"],
    ["an unknown key in a list", replies, "    open: 4h", "    oepn: 4h"],
    ["a missing key", replies, "purpose: draft answers to customer tickets; a person sends them\n", ""],
    ["an empty value", replies, "pattern: guardrailed", "pattern:"],
    ["a second DRI", replies, "dri: ana@acme.example", "dri: [ana@acme.example, bo@acme.example]"],
    ["a second DRI as a second key", replies, "deputy: bo", "dri: bo"],
    ["two people in one text", replies, "dri: ana@acme.example", "dri: ana@acme.example and bo@acme.example"],
    ["a value that is not a choice", replies, "guardrailed", "gaurdrailed"],
    ["a tier that is not there", replies, "tier: 1", "tier: 4"],
    ["a tier in words", replies, "tier: 1", "tier: one"],
    ["a duration without its unit", replies, "open: 4h", "open: 4"],
    ["a duration of another form", replies, "open: 4h", "open: 4 hours"],
    ["a percentage without its sign", replies, "97.0%", "97.0"],
    ["money without its currency", replies, "run: 2 USD", "run: 2"],
    ["a day that is not there", replies, "to: 2026-10-15", "to: 2026-02-30"],
    ["an escalation without a time", replies, "leads after 1h", "leads"],
    ["observing without an end", replies, "tier: 1", "tier: 1\nmode: observe"],
    ["a count of nobody", replies, "count: 1", "count: 0"],
    ["a text where a list should be", replies, "agents: [reply-bot]", "agents: reply-bot"],
    ["an empty file", replies, golden[replies] ?? "", "# nothing yet\n"],
    ["a file that is a list", replies, golden[replies] ?? "", "- workflow: replies\n"],
    ["a role that is not there", org, "operator", "opperator"],
    ["an address in capitals", org, "email: cy@", "email: Cy@"],
    ["a name that is not accepted", org, "  staging:", "  Staging!:"],
    ["an environment without its word", org, "staging: { production: false }", "staging: {}"],
    ["a key that editors would not see", org, "limits: {", "limts: {"],
    ["a public address without TLS", org, "limits:", "server: { publicUrl: http://gate.example.com }\nlimits:"],
    ["a public address with a path", org, "limits:", "server: { publicUrl: https://gate.example.com/x }\nlimits:"],
    ["a port that is not there", org, "limits:", "server: { listen: '127.0.0.1:99999' }\nlimits:"],
    ["an anchor of no kind", org, "limits:", "anchors: [{ kind: gti, repository: x }]\nlimits:"],
    ["a verb that is not there", tools, "search_tickets: { verb: read }", "search_tickets: { verb: reed }"],
    ["a transport of no kind", tools, "kind: http", "kind: htpp"],
    ["a key of a transport", tools, "  url:", "  ulr:"],
  ])("%s", (_name, file, from, to) => {
    expect(broken(file, from, to)).toMatchSnapshot();
  });
});

describe("whom an approval is asked from", () => {
  it.each(["leads", "dri", "ana@acme.example"])("can be %s", (from) => {
    const { workspace } = check(edited(replies, "from: leads", `from: ${from}`));
    expect(workspace?.workflows.find(({ name }) => name === "replies")?.ask[0]?.from).toBe(from);
  });
});

describe("the syntax of a file", () => {
  it.each([
    ["a duplicate key", "tier: 1", "tier: 1\ntier: 2"],
    ["an alias", "tier: 1", "tier: &t 1\nmode: *t"],
    ["an anchor", "tier: 1", "tier: &t 1"],
    ["an unknown tag", "tier: 1", "tier: !secret 1"],
    ["a known tag", "tier: 1", "tier: !!str 1"],
    ["a second document", "tier: 1", "tier: 1\n---\nworkflow: other"],
    ["a directive", "workflow: replies", "%YAML 1.1\n---\nworkflow: replies"],
    ["a tab", "  - tool: helpdesk.draft_refund", "\t- tool: helpdesk.draft_refund"],
    ["a list that never ends", "block: [helpdesk.send_reply, helpdesk.delete_ticket]", "block: [helpdesk.send_reply"],
    ["a quote that never ends", "purpose: draft", "purpose: 'draft"],
    ["a colon in a plain text", "purpose: draft", "purpose: first: draft"],
    ["lines of two levels", "    from: leads", "      from: leads"],
    ["a merge key", "tier: 1", "<<: { tier: 1 }"],
    ["a key that is a list", "tier: 1", "? [tier]\n: 1"],
    ["a key that sets prototypes", "tier: 1", "tier: 1\n__proto__: { tier: 3 }"],
    ["an escape that is not there", "purpose: draft", 'purpose: "\\q"\nx: draft'],
    ["a hidden character", "purpose: draft", "purpose: \u202edraft"],
    ["levels without end", "tier: 1", `tier: ${"[".repeat(40)}${"]".repeat(40)}`],
  ])("%s", (_name, from, to) => {
    expect(broken(replies, from, to)).toMatchSnapshot();
  });
});

describe("names across files", () => {
  it.each([
    ["nobody who could sign what the one admin applies", org, "roles: [operator, approver]", "roles: [approver]"],
    ["a DRI who is not there", replies, "dri: ana@", "dri: anna@"],
    ["a DRI without the role", replies, "dri: ana@acme.example\ndeputy: bo@acme.example", "dri: bo@acme.example"],
    ["a deputy who is the DRI", replies, "deputy: bo@", "deputy: ana@"],
    [
      "a cover who is not there, and one that overlaps",
      replies,
      "tier: 1",
      "tier: 1\ncover:\n  - { person: bo@acme.example, from: 2026-12-01, to: 2026-12-10 }\n  - { person: boo@acme.example, from: 2026-12-10, to: 2026-12-20 }",
    ],
    ["an agent who is not there", replies, "agents: [reply-bot]", "agents: [reply-bott]"],
    ["no agents", replies, "agents: [reply-bot]", "agents: []"],
    ["an agent in two workflows", replies, "agents: [reply-bot]", "agents: [reply-bot, second-bot]"],
    ["no rules", "workflows/second.yaml", "allow: [helpdesk.search_tickets]", "allow: []"],
    ["a tool that no server provides", replies, "helpdesk.search_tickets", "helpdesk.serach_tickets"],
    ["a server that is not there", replies, "helpdesk.search_tickets", "helpdisk.search_tickets"],
    ["a tool with two answers", replies, "block: [", "block: [helpdesk.draft_reply, "],
    ["a group that is not there", replies, "from: leads", "from: leeds"],
    ["a word for the DRI that is none", replies, "from: leads", "from: drii"],
    ["a person who is not there to be asked", replies, "from: leads", "from: anna@acme.example"],
    [
      "a person who is asked for two approvals",
      replies,
      "from: leads\n    count: 1",
      "from: ana@acme.example\n    count: 2",
    ],
    ["a DRI who is asked for more than there are", replies, "from: leads\n    count: 1", "from: dri\n    count: 3"],
    [
      "a DRI who owns the agent and is alone",
      replies,
      "deputy: bo@acme.example\npattern: guardrailed\nagents: [reply-bot]\ntier: 1\nallow: [helpdesk.search_tickets, helpdesk.draft_reply]\nask:\n  - tool: helpdesk.draft_refund\n    from: leads\n    count: 1",
      "pattern: guardrailed\nagents: [reply-bot]\ntier: 1\nallow: [helpdesk.search_tickets, helpdesk.draft_reply]\nask:\n  - tool: helpdesk.draft_refund\n    from: dri\n    exclude: [owner]",
    ],
    ["an approval from nobody in particular", replies, "from: leads", "from: Leads"],
    ["a group that is called as the DRI is", org, "  leads: {", "  dri: {}\n  leads: {"],
    [
      "a group without approvers",
      org,
      "[dri, admin, approver], groups: [leads] }\n  - { email: bo@acme.example, name: Bo, roles: [operator, approver]",
      "[dri, admin], groups: [leads] }\n  - { email: bo@acme.example, name: Bo, roles: [operator]",
    ],
    ["more approvals than approvers", replies, "count: 1", "count: 3"],
    ["more approvals than approvers without the owner", replies, "count: 1", "count: 2\n    exclude: [owner]"],
    ["an escalation to nobody", replies, "leads after 1h", "laeds after 1h"],
    ["a workflow in a file of another name", replies, "workflow: replies", "workflow: answers"],
    ["a guardrailed workflow that is only observed", replies, "tier: 1", "tier: 1\nmode: observe until 2027-01-31"],
    ["a guardrailed workflow that takes grants", replies, "open: 4h", "open: 4h\n    grants: true"],
    ["a tier that does not go with its pattern", "workflows/second.yaml", "tier: 0", "tier: 2"],
    [
      "tier 3 without a gate and a way back",
      "workflows/second.yaml",
      "pattern: copilot-only\nagents: [second-bot]\ntier: 0",
      "pattern: mesh\nagents: [second-bot]\ntier: 3",
    ],
    ["a period that ends before it starts", replies, "to: 2026-10-15", "to: 2026-08-15"],
    ["a person twice", org, "email: bo@", "email: ana@"],
    ["a person in a group that is not there", org, "groups: [readers] }", "groups: [reader] }"],
    ["nobody who is admin", org, "[dri, admin, approver]", "[dri, approver]"],
    ["a single person who is three", org, "people:", "singlePerson: true\npeople:"],
    ["an agent without an owner", org, "name: reply-bot, owner: ana@acme.example", "name: reply-bot"],
    [
      "a manager who is not there",
      org,
      "email: ana@acme.example,",
      "email: ana@acme.example, manager: boss@acme.example,",
    ],
    [
      "a person who manages themself",
      org,
      "email: ana@acme.example,",
      "email: ana@acme.example, manager: ana@acme.example,",
    ],
    ["every admin disabled", org, "email: ana@acme.example,", "email: ana@acme.example, disabled: true,"],
    [
      "a delegate who is not there",
      replies,
      "deputy: bo@acme.example",
      "deputy: bo@acme.example\ndelegates: [anna@acme.example]",
    ],
    ["links limited without a provider", org, "limits:", "login: { links: admins }\nlimits:"],
    [
      "a provider without TLS",
      org,
      "limits:",
      "login: { provider: { issuer: 'http://login.acme.example', clientId: c } }\nlimits:",
    ],
    [
      "a provider with its secret in the clear",
      org,
      "limits:",
      "login: { provider: { issuer: 'https://login.acme.example', clientId: c, clientSecret: abc } }\nlimits:",
    ],
    [
      "a group of the provider's that is not there",
      org,
      "limits:",
      "login: { provider: { issuer: 'https://login.acme.example', clientId: c, groups: [{ claim: x, group: leed }] } }\nlimits:",
    ],
    [
      "newcomers as admins",
      org,
      "limits:",
      "login: { provider: { issuer: 'https://login.acme.example', clientId: c, newcomers: [{ claim: x, roles: [admin] }] } }\nlimits:",
    ],
    ["an agent twice", org, "name: second-bot", "name: reply-bot"],
    ["an agent with a workflow that does not list it", org, "name: reply-bot,", "name: reply-bot, workflow: second,"],
    ["a server open to others without TLS", org, "limits:", "server: { listen: '0.0.0.0:4600' }\nlimits:"],
    ["an environment that is not there", tools, "environment: staging", "environment: stagin"],
    ["an owner of a server who is not there", tools, "owner: ana@", "owner: anna@"],
    ["a server in a file of another name", tools, "server: helpdesk", "server: help"],
  ])("%s", (_name, file, from, to) => {
    expect(broken(file, from, to)).toMatchSnapshot();
  });

  it("says that there is only one person", () => {
    const alone = (golden[org] ?? "").replace(/ {2}- \{ email: (bo|cy).*\n/g, "").replace("owner: bo@", "owner: ana@");
    const files = {
      ...golden,
      [org]: alone,
      [replies]: (golden[replies] ?? "").replace("deputy: bo@acme.example\n", ""),
    };
    expect(found(files)).toMatchSnapshot();
    const said = { ...files, [org]: alone.replace("people:", "singlePerson: true\npeople:") };
    expect(found(said)).toBe("");
    expect(check(said).workspace?.organisation.singlePerson).toBe(true);
  });

  it("warns of an agent that is in no workflow, and goes on", () => {
    const files = edited(org, "agents:", "agents:\n  - { name: idle-bot, owner: bo@acme.example }");
    expect(found(files)).toMatchSnapshot();
    expect(check(files).workspace).toBeDefined();
  });

  it("freezes an agent whose owner is gone, and goes on: who leaves is taken out at once", () => {
    const files = edited(org, "owner: bo@", "owner: boo@");
    expect(found(files)).toMatchSnapshot();
    expect(check(files).workspace).toBeDefined();
  });

  it("warns where disabling somebody leaves too few to answer, and goes on", () => {
    const text = (golden[org] ?? "")
      .replace("email: bo@acme.example,", "email: bo@acme.example, disabled: true,")
      .replace("[viewer]", "[operator]");
    const files = {
      ...golden,
      [org]: text,
      [replies]: (golden[replies] ?? "").replace("from: leads\n    count: 1", "from: dri\n    count: 2"),
    };
    expect(found(files)).toMatchSnapshot();
    expect(check(files).workspace?.people.find(({ email }) => email === "bo@acme.example")?.disabled).toBe(true);
  });

  it("leaves open how many are in a group that an identity provider fills", () => {
    const login =
      "login: { provider: { issuer: 'https://login.acme.example', clientId: c, groups: [{ claim: x, group: leads }] } }";
    const files = {
      ...edited(replies, "from: leads\n    count: 1", "from: leads\n    count: 9"),
      [org]: (golden[org] ?? "").replace("limits:", `${login}\nlimits:`),
    };
    expect(found(files)).toBe("");
    expect(found({ ...files, [org]: golden[org] ?? "" })).toContain("at least 9");
  });

  it("knows the tools of a shipped pack, and names the pack that was meant", () => {
    const files = edited(tools, "environment: staging", "environment: staging\npack: helpdesk@1");
    const pack = { tools: {}, methods: { "mcp:resources/read": {} } };
    const asked = {
      ...files,
      [replies]: (files[replies] ?? "").replace("allow: [", "allow: [helpdesk.mcp:resources/read, "),
    };
    expect(check(asked, { packs: new Map([["helpdesk@1", pack]]) }).problems).toEqual([]);
    expect(
      check(asked, { packs: new Map([["helpdesk@2", pack]]) })
        .problems.map(sentence)
        .join("\n"),
    ).toMatchSnapshot();
  });

  it("says nothing of tools while a tools file cannot be read", () => {
    expect(broken(tools, "transport:", "trnasport:")).not.toContain("there is no server");
  });
});

describe("what grants too much or may not stand in a file", () => {
  it.each([
    ["in allow", "allow: [helpdesk.search_tickets", 'allow: ["*"'],
    ["of a server in allow", "allow: [helpdesk.search_tickets", 'allow: ["helpdesk.*"'],
    ["inside a name", "allow: [helpdesk.search_tickets", 'allow: ["helpdesk.search_*"'],
    ["in ask", "tool: helpdesk.draft_refund", 'tool: "helpdesk.*"'],
    ["in block", "block: [helpdesk.send_reply", 'block: ["helpdesk.?end_reply"'],
    ["as a word", "allow: [helpdesk.search_tickets", "allow: [all"],
    ["without a name", "allow: [helpdesk.search_tickets", "allow: [helpdesk."],
  ])("MT-150 a wildcard grant is refused: %s", (_name, from, to) => {
    const said = broken(replies, from, to);
    expect(said).toContain("a wildcard is refused");
    expect(said).toMatchSnapshot();
  });

  it.each([
    ["a GitHub token", "ghp_", "a".repeat(36)],
    ["an AWS key id", "AKIA", "IOSFODNN7EXAMPLE"],
    ["a private key", "-----BEGIN PRIVATE ", "KEY-----"],
    ["a Countersign key", "csk_", `${"0".repeat(26)}_${"1".repeat(49)}`],
    ["a password in an address", "https://ana:", "correct-horse@example.com"],
  ])("finds %s in every kind of file, and does not repeat it", (kind, start, rest) => {
    const credential = start + rest;
    for (const file of Object.keys(golden)) {
      const comment = file.endsWith(".cedar") ? "//" : "#";
      const files = { ...golden, [file]: `${golden[file]}${comment} ${credential}\n` };
      expect(found(files)).toContain(`this looks like ${kind}`);
      expect(found(files)).not.toContain(rest);
      expect(check(files).workspace).toBeUndefined();
    }
  });

  it("finds a value in the clear under a name of a credential", () => {
    const said = broken(tools, "  url:", "  headers: { x-api-key: correct-horse }\n  url:");
    expect(said).toMatchSnapshot();
    expect(said).not.toContain("correct-horse");
  });

  it("finds references to secrets outside tools files", () => {
    expect(broken(org, "limits:", "# secret://helpdesk\nlimits:")).toMatchSnapshot();
    expect(broken("policies/freeze.cedar", "freeze", "secret://freeze")).toMatchSnapshot();
  });
});

describe("the set of files", () => {
  it("is refused where it is not one", () => {
    expect(found({})).toMatchSnapshot();
    expect(found({ ...golden, "workflow/other.yml": "" })).toMatchSnapshot();
    expect(found({ ...golden, "../../etc/passwd": "" })).toMatchSnapshot();
    expect(found({ ...golden, "tools/big.yaml": "#".repeat(1_048_577) })).toMatchSnapshot();
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`policies/p${index}.cedar`, ""]));
    expect(found({ ...golden, ...many })).toMatchSnapshot();
  });

  it("has one digest, whatever the order", () => {
    const backwards = Object.fromEntries(Object.entries(golden).reverse());
    expect(check(backwards).workspace?.digest).toBe(check(golden).workspace?.digest);
    expect(check(edited(org, "Acme", "Akme")).workspace?.digest).not.toBe(check(golden).workspace?.digest);
  });
});
