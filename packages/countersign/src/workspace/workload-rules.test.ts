import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { sentence } from "./finding.ts";
import { plan } from "./plan.ts";
import { read } from "./read.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const org = "countersign.yaml";
const main = `issuer: "https://token.actions.githubusercontent.com", environment: production, claims: { sub: "repo:acme/app:ref:refs/heads/main" }`;

/** The golden workspace with these rules for its first agent, and those for its second. */
function withRules(first: readonly string[], second: readonly string[] = []) {
  const list = (rules: readonly string[]) =>
    rules.length === 0 ? "" : `\n    identity:\n${rules.map((rule) => `      - { ${rule} }`).join("\n")}`;
  const text = golden[org] ?? "";
  const agents = (rules: readonly string[], name: string, owner: string) =>
    `  - name: ${name}\n    owner: ${owner}@acme.example${list(rules)}`;
  const edited = text.replace(
    /agents:\n.*\n.*\n/,
    `agents:\n${agents(first, "reply-bot", "ana")}\n${agents(second, "second-bot", "bo")}\n`,
  );
  return { ...golden, [org]: edited };
}

const found = (first: readonly string[], second: readonly string[] = []) =>
  check(withRules(first, second)).problems.map(sentence).join("\n");

const other = (claims: string) => main.replace(/claims: .*/, `claims: ${claims}`);

describe("how an agent's own runtime is known", () => {
  it.each([
    ["GitHub Actions", other(`{ sub: "repo:acme/app:environment:production", repository_owner_id: "42" }`)],
    [
      "a Kubernetes service account",
      `issuer: "https://kubernetes.default.svc.cluster.local", environment: production, claims: { sub: "system:serviceaccount:agents:scribe" }, reusable: true`,
    ],
    [
      "a service account of GCP",
      `issuer: "https://accounts.google.com", environment: production, claims: { sub: "104829847201938475610", email_verified: true }, reusable: true`,
    ],
    [
      "a JWT-SVID",
      `issuer: "https://oidc.acme.example", environment: production, claims: { sub: "spiffe://acme.example/agents/scribe" }`,
    ],
    ["whatever begins so", other(`{ sub: { prefix: "repo:acme/app:" } }`)],
    ["the repositories of one owner", other(`{ sub: { prefix: "repo:acme/" } }`)],
    ["an issuer on this machine", main.replace("https://token.actions.githubusercontent.com", "http://127.0.0.1:9000")],
  ])("may be %s", (_, rule) => {
    expect(found([rule])).toBe("");
  });

  it.each<[string, string, string]>([
    ["nobody in particular", other("{ environment: production }"), "without `sub` anybody whom the issuer vouches for"],
    ["nobody at all", other("{}"), "without `sub`"],
    ["yes", other("{ sub: true }"), "without `sub`"],
    ["a wildcard", other(`{ sub: "*" }`), "are no wildcards here"],
    ["a wildcard at the end", other(`{ sub: "repo:acme/*" }`), "are no wildcards here"],
    ["a wildcard in another claim", other(`{ sub: "a", ref: "refs/heads/*" }`), "are no wildcards here"],
    ["everything", other(`{ sub: { prefix: "" } }`), "a prefix ends with"],
    ["everybody on GitHub", other(`{ sub: { prefix: "repo:" } }`), "fits everybody whom the issuer vouches for"],
    ["every service account", other(`{ sub: { prefix: "system:serviceaccount:" } }`), "fits everybody"],
    ["the whole system", other(`{ sub: { prefix: "system:" } }`), "fits everybody"],
    ["every trust domain", other(`{ sub: { prefix: "spiffe://" } }`), "fits everybody"],
    ["every name that begins so", other(`{ sub: { prefix: "repo:acme" } }`), "else it also begins other names"],
    [
      "the beginning of another claim",
      other(`{ sub: "a", ref: { prefix: "refs/heads/" } }`),
      "only `sub` may be known",
    ],
    ["what is asked anyway", other(`{ sub: "a", aud: "b" }`), "this claim is checked by itself"],
    ["a number", other("{ sub: 7 }"), ""],
    ["an issuer without TLS", main.replace("https:", "http:"), "without TLS only this machine is safe"],
    [
      "where clouds keep credentials",
      main.replace("https://token.actions.githubusercontent.com", "https://169.254.169.254"),
      "link-local",
    ],
    ["an environment that there is not", main.replace("production", "prod"), "there is no environment `prod`"],
    ["a key that there is not", `${main}, reuseable: true`, "did you mean `reusable`?"],
  ])("MT-150 may not be %s", (_, rule, words) => {
    const { workspace, problems } = check(withRules([rule]));
    expect(workspace).toBeUndefined();
    const said = problems.map(sentence).join("\n");
    expect(said).toMatch(/^countersign\.yaml:\d+:\d+: error: /);
    expect(said).toContain(words);
  });

  const withAudience = (audience: string) => {
    const text = withRules([`${main}, audience: "${audience}"`]);
    const server = "server: { publicUrl: https://gate.acme.example }\nlimits:";
    const edited = { ...text, [org]: (text[org] ?? "").replace("limits:", server) };
    return check(edited).problems.map(sentence);
  };

  it.each(["sts.amazonaws.com", "https://gate.acme.example.evil.example", "https://gate.acme.example:8443/v1"])(
    "warns of an audience that others may hold tokens for: %s",
    (audience) => {
      const words = `warning: tokens for \`${audience}\` may be held by others, who can bring them here`;
      expect(withAudience(audience)).toEqual([expect.stringContaining(words)]);
    },
  );

  it.each(["https://gate.acme.example", "https://gate.acme.example/", "https://gate.acme.example/v1"])(
    "takes this server's own audience without a word: %s",
    (audience) => expect(withAudience(audience)).toEqual([]),
  );
});

describe("two rules", () => {
  it.each<[string, string, string]>([
    ["the same", main, main],
    ["one with more claims", main, other(`{ sub: "repo:acme/app:ref:refs/heads/main", environment: live }`)],
    ["one by prefix", main, other(`{ sub: { prefix: "repo:acme/app:" } }`)],
    [
      "two prefixes",
      other(`{ sub: { prefix: "repo:acme/app:ref:" } }`),
      other(`{ sub: { prefix: "repo:acme/app:" } }`),
    ],
    ["one that writes this server's audience out", main, `${main}, audience: "https://gate.acme.example"`],
    ["in other environments", main, main.replace("production", "staging")],
  ])("that one token could fit are refused, of two agents and of one: %s", (_, one, two) => {
    const words = "one token could fit this rule of `second-bot` and rule 1 of `reply-bot`, so nobody would be taken";
    expect(found([one], [two])).toContain(words);
    expect(found([two], [one])).toContain(words);
    expect(found([one, two])).toContain("one token could fit this rule of `reply-bot` and rule 1 of `reply-bot`");
  });

  it.each<[string, string]>([
    ["another subject", other(`{ sub: "repo:acme/app:ref:refs/heads/next" }`)],
    ["another prefix", other(`{ sub: { prefix: "repo:acme/other:" } }`)],
    ["another issuer", main.replace("token.actions", "other")],
  ])("with %s stand side by side", (_, rule) => {
    expect(found([main], [rule])).toBe("");
  });

  it("stand side by side where a claim beside `sub`, or both audiences, differ", () => {
    const claims = (value: string) => other(`{ sub: "repo:acme/app:ref:refs/heads/main", environment: ${value} }`);
    expect(found([claims("live")], [claims("test")])).toBe("");
    expect(found([`${main}, audience: a`], [`${main}, audience: b`])).toBe("");
  });
});

describe("what a plan says of it", () => {
  const changes = (before: readonly string[], after: readonly string[]) => {
    const [was, is] = [check(withRules(before)).workspace, check(withRules(after)).workspace];
    if (is === undefined || was === undefined) throw new Error("not valid");
    return plan(was, is).changes.map(({ mark, name, sentence: said, risk }) => `${mark} ${name}: ${said} (${risk})`);
  };
  const words =
    '`sub "repo:acme/app:ref:refs/heads/main" of https://token.actions.githubusercontent.com` in `production`';

  it("is each rule that comes, as wider, and each that goes", () => {
    expect(changes([], [main])).toEqual([`~ reply-bot: known by ${words} (wider)`]);
    expect(changes([main], [])).toEqual([`~ reply-bot: no longer known by ${words}; its tokens end at once (none)`]);
    expect(changes([main], [`${main}, reusable: true, note: again`])).toEqual([
      `~ reply-bot: known by ${words}, again while it lives with the same proof key (again) (wider)`,
      `~ reply-bot: no longer known by ${words}; its tokens end at once (none)`,
    ]);
    expect(changes([main], [main])).toEqual([]);
  });

  it.each<[string, string, string, string, string]>([
    ["a text in the place of yes", "email_verified: true", `email_verified: "true"`, "true", `"true"`],
    ["what looks like two claims", `b: "x, c y"`, `b: x, c: y`, `b "x, c y"`, `b "x", c "y"`],
  ])("tells two rules apart that would read alike: %s", (_, before, after, was, is) => {
    const rule = (claim: string) => other(`{ sub: a, ${claim} }`);
    const told = changes([rule(before)], [rule(after)]);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/known by .*wider/);
    expect(told[0]).toContain(is);
    expect(told[1]).toContain(was);
  });
});
