import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { sentence } from "./finding.ts";
import { changeLine, plan } from "./plan.ts";
import { read } from "./read.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const org = "countersign.yaml";
const told =
  "notifications: [{ name: ops, kind: webhook, url: 'https://ops.acme.example/', signing: ops, on: [alert] }]\n";

const filesWith = (approvals: string) => ({
  ...golden,
  [org]: (golden[org] ?? "").replace("limits:", () => `${approvals}${told}limits:`),
});
const found = (breakGlass: string) => {
  const { problems, workspace } = check(filesWith(`approvals: { breakGlass: ${breakGlass} }\n`));
  return { is: workspace?.organisation.approvals.breakGlass, said: problems.map(sentence).join("\n") };
};

describe("MT-150 approvals.breakGlass", () => {
  it("is off unless it is switched on, and short unless it says more", () => {
    expect(check(filesWith("")).workspace?.organisation.approvals).not.toHaveProperty("breakGlass");
    expect(found("{ by: [leads, dri, ana@acme.example] }")).toEqual({
      is: { by: ["leads", "dri", "ana@acme.example"], withinMs: 900_000, reviewMs: 86_400_000 },
      said: "",
    });
    expect(found("{ by: [leads], within: 4h, reviewWithin: 7d }").is).toMatchObject({
      withinMs: 14_400_000,
      reviewMs: 604_800_000,
    });
  });

  it.each([
    ["nobody named", "{ by: [] }"],
    ["everybody", "{ by: ['*'] }"],
    ["a group that is not there", "{ by: [leed] }"],
    ["a person who is not there", "{ by: [anna@acme.example] }"],
    ["longer than four hours", "{ by: [leads], within: 5h }"],
    ["no time at all", "{ by: [leads], within: 1s }"],
    ["a review after more than a week", "{ by: [leads], reviewWithin: 8d }"],
    ["a word that is none", "{ by: [leads], quietly: true }"],
  ])("is refused with %s", (_, breakGlass) => {
    const { is, said } = found(breakGlass);
    expect(is).toBeUndefined();
    expect(said).toMatch(/^countersign\.yaml:\d+:\d+: error: /);
    expect(said).toMatchSnapshot();
  });

  it("warns where nobody is told of it", () => {
    const files = {
      ...golden,
      [org]: (golden[org] ?? "").replace("limits:", "approvals: { breakGlass: { by: [leads] } }\nlimits:"),
    };
    const { problems, workspace } = check(files);
    expect(workspace).toBeDefined();
    expect(problems.map(sentence)).toEqual([
      expect.stringMatching(/warning: nobody is told when somebody breaks the glass/),
    ]);
  });

  it("is refused in an organisation of one, where nobody could review it", () => {
    const alone = (golden[org] ?? "").replace(/ {2}- \{ email: (bo|cy).*\n/g, "").replace("owner: bo@", "owner: ana@");
    const text = alone
      .replace("people:", "singlePerson: true\npeople:")
      .replace("limits:", `approvals: { breakGlass: { by: [dri] } }\n${told}limits:`);
    const replies = "workflows/replies.yaml";
    const files = {
      ...golden,
      [org]: text,
      [replies]: (golden[replies] ?? "").replace("deputy: bo@acme.example\n", ""),
    };
    expect(check(files).problems.map(sentence).join("\n")).toContain(
      "nobody else could review what was answered alone",
    );
  });

  it("is said in the plan, marked where it lets people do more", () => {
    const workspaceOf = (approvals: string) => {
      const { workspace, problems } = check(filesWith(approvals));
      if (workspace === undefined) throw new Error(problems.map(sentence).join("\n"));
      return workspace;
    };
    const glass = (text: string) => workspaceOf(`approvals: { breakGlass: ${text} }\n`);
    const lines = (before: string, after: string) => {
      const [was, is] = [before, after].map((text) => (text === "" ? workspaceOf("") : glass(text)));
      return is === undefined ? [] : plan(was, is).changes.map(changeLine);
    };
    expect(lines("", "{ by: [leads] }")).toEqual([
      "! ~ organisation Acme Example: `leads` may break the glass: answer alone in place of all that are missing",
    ]);
    expect(lines("{ by: [leads] }", "")).toEqual([
      "  ~ organisation Acme Example: `leads` may no longer break the glass",
    ]);
    expect(lines("{ by: [leads] }", "{ by: [leads], within: 30m, reviewWithin: 2d }")).toEqual([
      "! ~ organisation Acme Example: what the glass was broken for has 1800 s to be sent; it was 900 s",
      "! ~ organisation Acme Example: broken glass is reviewed within 172800 s; it was 86400 s",
    ]);
  });
});
