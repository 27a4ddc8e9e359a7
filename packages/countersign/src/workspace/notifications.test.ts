import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import type { WorkspaceFiles } from "./files.ts";
import { sentence } from "./finding.ts";
import { changeLine, plan } from "./plan.ts";
import { read } from "./read.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const org = "countersign.yaml";
const replies = "workflows/replies.yaml";

const withChannels = (list: string): WorkspaceFiles => ({ ...golden, [org]: `${golden[org]}notifications:\n${list}` });
const found = (files: WorkspaceFiles) => check(files).problems.map(sentence).join("\n");
const told = (list: string) => found(withChannels(list));
const hook = (more: string) =>
  `  - { name: ops, kind: webhook, url: "https://hooks.acme.example/x", signing: notices/ops, on: [approval]${more} }\n`;

describe("notifications", () => {
  it("of every kind are taken, with what they leave out filled in", () => {
    const list = [
      hook(", previous: notices/old, workflows: [replies], private: true"),
      "  - { name: bot, kind: slack, bot: slack/bot, signing: slack/signing, people: { U01: ana@acme.example }, on: [approval, ended] }\n",
      "  - { name: room, kind: slack, webhook: slack/room, on: [stop] }\n",
      "  - { name: team, kind: teams, webhook: teams/room, on: [alert, unknown] }\n",
      "  - { name: mail, kind: email, host: mail.acme.example, user: gate, credential: mail/gate, from: gate@acme.example, on: [escalation] }\n",
    ].join("");
    const { workspace, problems } = check(withChannels(list));
    expect(problems).toEqual([]);
    expect(workspace?.organisation.notifications).toMatchObject([
      { name: "ops", private: true, workflows: ["replies"] },
      { people: [{ id: "U01", person: "ana@acme.example" }], api: "https://slack.com/api", private: false },
      { webhook: "slack/room", people: [] },
      { kind: "teams" },
      { port: 587, tls: "starttls" },
    ]);
  });

  it.each([
    ["a kind that is misspelled", "  - { name: a, kind: slak, webhook: x/y, on: [stop] }\n", "did you mean `slack`?"],
    ["a topic that is misspelled", hook("").replace("approval", "aproval"), "did you mean `approval`?"],
    ["a key that is misspelled", hook(", workflow: [replies]"), "did you mean `workflows`?"],
    ["a workflow that is not there", hook(", workflows: [replie]"), "did you mean `replies`?"],
    [
      "a person who is not there",
      "  - { name: b, kind: slack, bot: s/b, people: { U01: ane@acme.example }, on: [stop] }\n",
      "did you mean `ana@acme.example`?",
    ],
    ["two of one name", hook("") + hook(""), "the notification `ops` is here twice"],
    [
      "one person under two ids",
      "  - { name: b, kind: slack, bot: s/b, people: { U01: ana@acme.example, U02: ana@acme.example }, on: [stop] }\n",
      "under two ids",
    ],
    [
      "Slack by two ways",
      "  - { name: b, kind: slack, bot: s/b, webhook: s/w, on: [stop] }\n",
      "by `webhook` or by `bot`",
    ],
    ["Slack by none", "  - { name: b, kind: slack, on: [stop] }\n", "by `webhook` or by `bot`"],
    ["no TLS", hook("").replace("https://hooks", "http://hooks"), "without TLS only this machine is safe"],
    [
      "a metadata address",
      hook("").replace("hooks.acme.example", "169.254.169.254"),
      "a link-local address is not asked",
    ],
    [
      "mail without TLS elsewhere",
      "  - { name: m, kind: email, host: mail.acme.example, tls: none, from: a@acme.example, on: [stop] }\n",
      "without TLS only this machine is safe",
    ],
    [
      "a user without a credential",
      "  - { name: m, kind: email, host: mail.acme.example, user: gate, from: a@acme.example, on: [stop] }\n",
      "`user` and `credential` belong together",
    ],
    ["a secret in the clear", hook("").replace("notices/ops", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "error"],
  ])("with %s are refused with what was meant", (_what, list, words) => {
    expect(check(withChannels(list)).workspace).toBeUndefined();
    expect(told(list)).toContain(words);
  });
});

describe("an escalation", () => {
  const steps = (text: string): WorkspaceFiles => ({
    ...golden,
    [replies]: (golden[replies] ?? "").replace(/^escalation: .*$/m, `escalation: ${text}`),
  });

  it("says who is told when, and who may then answer", () => {
    const { workspace } = check(steps("[dri after 10m, leads after 1h may answer]"));
    expect(workspace?.workflows.find(({ name }) => name === "replies")?.escalation).toEqual([
      { to: "dri", afterMs: 600_000, mayAnswer: false },
      { to: "leads", afterMs: 3_600_000, mayAnswer: true },
    ]);
  });

  it.each([
    ["[leeds after 1h]", "did you mean `leads`?"],
    ["[leads after 1h may approve]", "does not fit here"],
    ["[leads in 1h]", "does not fit here"],
  ])("%s is refused", (text, words) => expect(found(steps(text))).toContain(words));

  it("that lets more people answer is marked as wider, and so are answers in Slack", () => {
    const lines = (from: WorkspaceFiles, to: WorkspaceFiles) => {
      const [was, is] = [check(from).workspace, check(to).workspace];
      if (is === undefined) throw new Error(found(to));
      return plan(was, is).changes.map(changeLine);
    };
    expect(lines(golden, steps("[leads after 1h may answer]"))).toEqual([
      "! ~ workflow replies: what waits long enough may be answered by `leads`",
    ]);
    expect(lines(steps("[leads after 24h may answer]"), steps("[leads after 1s may answer]"))).toEqual([
      "! ~ workflow replies: what waits long enough may be answered by `leads` sooner than before",
    ]);
    expect(lines(steps("[leads after 1h may answer]"), steps("[leads after 24h may answer]"))).toEqual([
      "? ~ workflow replies: who may answer what waits long enough changes",
    ]);
    expect(lines(golden, steps("[leads after 2h]"))).toEqual([
      "  ~ workflow replies: who is told of what waits changes",
    ]);
    const chat = { ...golden, [replies]: `${golden[replies]}chat: low-risk\n` };
    expect(lines(golden, chat)).toEqual(["! ~ workflow replies: what is of low risk may be answered in Slack"]);
    expect(lines(chat, golden)).toEqual(["  ~ workflow replies: nothing is answered in Slack any more"]);
    expect(lines(golden, withChannels(hook("")))).toEqual([
      "? ~ organisation Acme Example: `ops` is told of approval by webhook at `https://hooks.acme.example/x`",
    ]);
  });
});
