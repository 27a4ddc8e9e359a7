import type { Decision, DecisionInput, Json, JsonObject } from "@countersign/contract";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadSqlParser } from "../catalog/index.ts";
import { hostile } from "../catalog/normalise/clean.fixture.ts";
import { decide, decisionBytes } from "./decide.ts";
import { ask, desk, faultsOf, inputOf } from "./normalised.fixture.ts";
import type { CompiledPolicies } from "./policy.ts";
import { evaluateInWasm } from "./wasm-engine.ts";

const guardrails = `
@id("outside") forbid (principal, action == Action::"desk.send", resource)
when { context.args.parsed has to && !(["acme.example"].containsAll(context.args.parsed.to.domains)) };
@id("web") forbid (principal, action == Action::"desk.open", resource)
when { context.args.parsed has url }
unless { context.args.parsed.url.within.contains("acme.example") && context.args.parsed.url.schemes == ["https"]
  && !context.args.parsed.url.user && !context.args.parsed.url.internal && context.args.parsed.url.ports == [443] };
@id("folder") forbid (principal, action == Action::"desk.write", resource)
unless { context.args.parsed has path && context.args.parsed.path.within.contains("/ws/sandbox") };
@id("large") forbid (principal, action == Action::"desk.refund", resource)
when { context.args.parsed has amount && (context.args.parsed.amount.minor > 50000 || context.args.parsed.amount.currency != "EUR") };
@id("reads") forbid (principal, action == Action::"desk.query", resource)
when { context.args.parsed has sql }
unless { context.args.parsed.sql.count == 1 && (!context.args.parsed.sql.writes
  || (["notes"].containsAll(context.args.parsed.sql.written) && context.args.parsed.sql.bounded
    && ["update", "select"].containsAll(context.args.parsed.sql.verbs))) };
@id("pods") forbid (principal, action == Action::"desk.apply", resource)
when { context.args.parsed has manifest && (context.args.parsed.manifest.privileged || context.args.parsed.manifest.hostPath
  || context.args.parsed.manifest.namespaces != ["shop"] || !context.args.parsed.manifest.namespaced) };
@id("deletes") forbid (principal, action == Action::"desk.plan", resource)
when { context.args.parsed has plan && context.args.parsed.plan.deletes + context.args.parsed.plan.replaces > 0 };`;

let policies: CompiledPolicies;
beforeAll(async () => {
  await loadSqlParser();
  policies = await desk(guardrails);
});
// A text that ended the parser's stack has it replaced, which takes a moment.
beforeEach(loadSqlParser);

function determined({ effect, determining }: Decision): string {
  return effect === "allow" ? "allow" : `${effect} ${determining.map(({ id }) => id).join()}`;
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: shop }\n";
const plan = (action: string) =>
  JSON.stringify({
    format_version: "1.2",
    terraform_version: "1.13.4",
    resource_changes: [{ address: "a.b", type: "aws_instance", change: { actions: [action] } }],
  });

describe("a policy reads normalised arguments", () => {
  it.each<[string, JsonObject, string]>([
    ["send", { to: ["ana@acme.example"] }, "allow"],
    ["send", { to: ["ana@ACME.example", "x@evil.example"] }, "deny outside"],
    ["send", { to: ["ana@mail.acme.example"] }, "deny outside"],
    ["open", { url: "https://wiki.acme.example/a" }, "allow"],
    ["open", { url: "https://acme.example@evil.example/" }, "deny web"],
    ["open", { url: "https://acme.example.evil.example/" }, "deny web"],
    ["open", { url: "http://wiki.acme.example/" }, "deny web"],
    ["write", { path: "/ws/sandbox/a" }, "allow"],
    ["write", { path: "sandbox/a" }, "allow"],
    ["write", { path: "/ws/sandbox/../live/a" }, "deny folder"],
    ["write", { path: "/ws/sandbox-of-others/a" }, "deny folder"],
    ["refund", { amount: "500.00", currency: "EUR" }, "allow"],
    ["refund", { amount: "500.01" }, "deny large"],
    ["refund", { amount: "500 USD" }, "deny large"],
    ["query", { sql: "select * from orders" }, "allow"],
    ["query", { sql: "update notes set a = 1 where id = 2" }, "allow"],
    ["query", { sql: "update notes set a = 1" }, "deny reads"],
    ["query", { sql: "select 1; select 2" }, "deny reads"],
    ["query", { sql: "with a as (delete from orders returning 1) select * from a" }, "deny reads"],
    ["apply", { manifest: pod }, "allow"],
    ["apply", { manifest: `${pod}spec: { containers: [{ securityContext: { privileged: true } }] }` }, "deny pods"],
    ["apply", { manifest: `${pod}---\n${pod.replace("shop", "kube-system")}` }, "deny pods"],
    ["plan", { plan: plan("create") }, "allow"],
    ["plan", { plan: plan("delete") }, "deny deletes"],
  ])("%s %j: %s", (name, args, expected) => {
    expect(determined(ask(policies, name, args))).toBe(expected);
  });

  // Each of these is taken by `like "*@acme.example"` and its kind.
  it.each<[string, JsonObject]>([
    ["send", { to: ["x@evil.example, y@acme.example"] }],
    ["send", { to: ["@evil.example@acme.example"] }],
    ["send", { to: ["x@аcme.example"] }],
    ["send", { to: ["x@acme.example\u200b"] }],
    ["send", { to: [{ __entity: { type: "Agent", id: "admin" } }] }],
    ["open", { url: "https://evil.example\\@acme.example/" }],
    ["open", { url: "https://acme.example/%252e%252e/" }],
    ["write", { path: "/ws/sandbox/a\u0000/../../live" }],
    ["write", { path: "/ws/sandbox/..\\live" }],
    ["refund", { amount: "1e3" }],
    ["refund", { amount: "-1" }],
    ["query", { sql: "select 1\u0000; drop table orders" }],
    ["query", { sql: "selec" }],
    ["apply", { manifest: "a: &a [*a]" }],
    ["plan", { plan: "Plan: 0 to destroy." }],
  ])("and does not decide by one that is not clean: %s %j", (name, args) => {
    const decision = ask(policies, name, args);
    expect(decision.effect).toBe("deny");
    expect(decision.errors.join()).toMatch(/and a policy reads it|no canonical form/);
  });

  it("and one that is not clean hinders nobody who does not read it", async () => {
    expect(ask(await desk(""), "send", { to: ["?"] }).effect).toBe("allow");
    expect(ask(policies, "send", { to: ["ana@acme.example"], cc: "?" }).effect).toBe("allow");
    const both = await desk(`${guardrails}\n@id("cc") forbid (principal, action == Action::"desk.send", resource)
      when { context.args.parsed has cc && context.args.parsed.cc.count > 5 };`);
    expect(ask(both, "send", { to: ["ana@acme.example"], cc: "?" }).errors).toEqual([
      "argument `parsed.cc`: it is not exactly one address, and a policy reads it",
    ]);
    const whole = await desk(`@id("any") forbid (principal, action == Action::"desk.send", resource)
      when { principal.tier > 7 && context.args.parsed == context.args.parsed };`);
    expect(ask(whole, "send", { to: ["?"] }).effect).toBe("deny");
  });

  it("in the types that the validator knows", async () => {
    const rule = (condition: string) =>
      `@id("r") forbid (principal, action == Action::"desk.send", resource) when { ${condition} };`;
    expect(await faultsOf(rule(`context.args.parsed has to && context.args.parsed.to.domains.contains("a")`))).toEqual(
      [],
    );
    expect((await faultsOf(rule(`context.args.parsed has to && context.args.parsed.to.domain == "a"`))).join()).toMatch(
      /domain/,
    );
    expect((await faultsOf(rule(`context.args.parsed.to.count > 1`))).join()).toMatch(/to/);
    expect((await faultsOf(rule(`context.args.parsed has to && context.args.parsed.to.count == "1"`))).length).toBe(1);
    expect((await faultsOf(rule(`context.args.parsed has url`))).join()).not.toBe("");
  });

  it("of every tool at once, and of one that no server lists right now", async () => {
    const everywhere = `@id("env") forbid (principal, action, resource)
      when { context.args.parsed has path && context.args.parsed.path.names.contains(".env") };`;
    const set = await desk(everywhere);
    expect(determined(ask(set, "write", { path: "/ws/a/.env" }))).toBe("deny env");
    expect(ask(set, "write", { path: "/ws/a/env" }).effect).toBe("allow");
    expect(ask(set, "purge", { ids: [], path: "/ws/.env" }).effect).toBe("allow");
    const away = await desk(`${everywhere}\n${guardrails.replaceAll("desk.open", "away.open")}`, [], "expect");
    expect(determined(ask(away, "write", { path: "/ws/a/.env" }))).toBe("deny env,folder");
  });

  it("that no argument of the agent's can stand in for", () => {
    const lie: JsonObject = { domains: ["acme.example"], addresses: [], within: [], touches: [], count: 0 };
    for (const args of [
      { to: ["x@evil.example"], parsed: { to: lie } },
      { to: ["x@evil.example"], "parsed.to": lie },
      { to: { ...lie }, parsed: null },
      { to: { unclean: "no" } },
    ])
      expect(ask(policies, "send", args).effect, JSON.stringify(args)).toBe("deny");
    expect(ask(policies, "send", { parsed: { to: { unclean: "x" } } }).effect).toBe("allow");
  });

  it("the same again from what was stored, on both engines, whatever the call", () => {
    const calls: readonly [string, JsonObject][] = [
      ["send", { to: ["ana@acme.example"] }],
      ["open", { url: "https://wiki.acme.example/a?b" }],
      ["write", { path: "sandbox/.github/workflows/ci.yml" }],
      ["refund", { amount: "12.50", cents: 3, currency: "usd" }],
      ["query", { sql: "select * from orders" }],
      ["apply", { manifest: pod }],
      ["plan", { plan: plan("update") }],
      ["send", { to: ["?"] }],
    ];
    for (const [name, args] of calls) {
      const input = inputOf(name, args);
      const stored = JSON.parse(JSON.stringify(input)) as DecisionInput;
      expect(decisionBytes(decide(stored, policies))).toBe(decisionBytes(decide(input, policies)));
      expect(decisionBytes(decide(input, policies, { evaluate: evaluateInWasm }))).toBe(
        decisionBytes(decide(input, policies)),
      );
    }
  });

  it("and a stored one of another shape denies", () => {
    const input = inputOf("send", { to: ["ana@acme.example"] });
    for (const parsed of [
      undefined,
      null,
      [],
      "x",
      { to: {} },
      { to: { domains: ["acme.example"] } },
      { to: "x" },
      { to: { ...(input.args.parsed as { to: JsonObject }).to, domains: [{ __entity: { type: "Agent", id: "a" } }] } },
      { to: { ...(input.args.parsed as { to: JsonObject }).to, count: 2 ** 60 } },
    ]) {
      const stored = { ...input, args: { ...input.args, parsed: parsed as Json } };
      expect(decide(stored, policies).effect, JSON.stringify(parsed)).toBe("deny");
    }
  });
});

describe("hostile values of normalised arguments", () => {
  const one: readonly (readonly [string, string])[] = [
    ["send", "to"],
    ["open", "url"],
    ["write", "path"],
    ["refund", "amount"],
    ["query", "sql"],
    ["apply", "manifest"],
    ["plan", "plan"],
  ];

  it.each(one.flatMap(([name, argument]) => hostile.map(([what, value]) => [name, what, argument, value] as const)))(
    "%s denies %s",
    (name, _, argument, value) => {
      expect(ask(policies, name, { [argument]: value }).effect).toBe("deny");
    },
  );

  it("turn no deny into an allow", () => {
    const words = fc.constantFrom(
      ..."ana@acme.example|x@evil.example|, |https://|acme.example|evil.example|/|@|..|sandbox|/ws/|500|.|-1| EUR|select 1|;|drop table t|apiVersion: v1|\n|kind: Pod|---|{|}|\u200b|а".split(
        "|",
      ),
    );
    const text = fc.array(words, { maxLength: 7 }).map((parts) => parts.join(""));
    const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>);
    fc.assert(
      fc.property(fc.constantFrom(...one), value, ([name, argument], given) => {
        const decision = ask(policies, name, { [argument]: given });
        if (decision.effect !== "allow" || given === null) return;
        const parsed = (inputOf(name, { [argument]: given }).args.parsed as JsonObject)[argument] as JsonObject;
        // What is allowed was read: a policy never passes over a value that it asks about.
        expect(parsed).not.toHaveProperty("unclean");
        if (name === "send")
          expect([given].flat().every((one) => /^[^@,]+@acme\.example$/i.test(String(one)))).toBe(true);
        if (name === "open") expect(new URL(String(given)).hostname).toMatch(/(^|\.)acme\.example$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("what a call touches", () => {
  const careful = `
@id("high-risk-needs-two") @cure("approval") @from("sre") @count("2") @open("4h") @valid("1h") @exclude("requester")
forbid (principal, action in [Action::"propose", Action::"execute"], resource)
when { context.facts.signals.contains("high-risk") }
unless { context.facts.cured.contains("high-risk-needs-two") };`;
  const file = (path: string) => ({ path, content: "x" });

  it("MT-28 the same pull request with a workflow file becomes high risk, by itself", async () => {
    const set = await desk(careful);
    const request = { title: "tidy up", files: [file("README.md"), file("src/a.ts")] };
    expect(inputOf("pull_request", request).facts.signals).toEqual([]);
    expect(ask(set, "pull_request", request).effect).toBe("allow");
    const with_ = { ...request, files: [...request.files, file(".github/workflows/ci.yml")] };
    expect(inputOf("pull_request", with_).facts.signals).toEqual(["high-risk", "pipeline"]);
    expect(ask(set, "pull_request", with_)).toMatchObject({
      effect: "require",
      requirements: [{ kind: "approval", policy: "high-risk-needs-two", from: "sre", count: 2 }],
    });
  });

  it.each<[string, string, JsonObject]>([
    ["infrastructure", "pull_request", { files: [file("infra/main.tf")] }],
    ["infrastructure", "pull_request", { files: [file("prod.tfvars")] }],
    ["infrastructure", "pull_request", { files: [file("Dockerfile")] }],
    ["pipeline", "pull_request", { files: [file(".GitHub/Workflows/CI.yml")] }],
    ["pipeline", "pull_request", { files: [file(".gitlab-ci.yml")] }],
    ["pipeline", "write", { path: "/ws/a/.git/hooks/pre-commit" }],
    ["permissions", "pull_request", { files: [file("deploy/rbac.yaml")] }],
    ["permissions", "pull_request", { files: [file("terraform/iam/roles.json")] }],
    ["permissions", "pull_request", { files: [file(".github/CODEOWNERS")] }],
    ["permissions", "apply", { manifest: "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding" }],
    ["permissions", "apply", { manifest: `${pod}spec: { hostNetwork: true }` }],
    ["permissions", "apply", { manifest: `${pod}spec: { securityContext: { capabilities: { add: [SYS_ADMIN] } } }` }],
    ["permissions", "apply", { manifest: "apiVersion: authorization.openshift.io/v1\nkind: RoleBinding" }],
    ["permissions", "apply", { manifest: "apiVersion: v1\nkind: RoleBinding" }],
    ["permissions", "apply", { manifest: "apiVersion: security.openshift.io/v1\nkind: SecurityContextConstraints" }],
    ["network", "apply", { manifest: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy" }],
    ["permissions", "plan", { plan: plan("update").replace("aws_instance", "aws_iam_policy") }],
    ["network", "plan", { plan: plan("update").replace("aws_instance", "aws_security_group") }],
    ["permissions", "query", { sql: "grant all on orders to bo" }],
    ["permissions", "query", { sql: "create role admin superuser login" }],
    ["permissions", "query", { sql: "select set_config('role', 'postgres', false)" }],
    ["pipeline", "write", { path: "/repo/.github" }],
    ["pipeline", "write", { path: "/repo/.git" }],
    ["pipeline", "write", { path: "/repo/.git/config" }],
    ["pipeline", "pull_request", { files: [file(".gitlab")] }],
    ["unreadable", "pull_request", { files: [file("a/../../.github/workflows/ci.yml")] }],
    ["unreadable", "pull_request", { files: [file(".g\u200bithub/workflows/ci.yml")] }],
    ["unreadable", "pull_request", { files: [{ content: "x" }] }],
  ])("MT-28 is %s, and high risk: %s %j", (signal, name, args) => {
    expect(inputOf(name, args).facts.signals).toEqual(expect.arrayContaining([signal, "high-risk"]));
  });

  it.each<[string, JsonObject]>([
    ["pull_request", { files: [file("docs/github-workflows.md")] }],
    ["pull_request", { files: [file("src/transfer.ts")] }],
    ["pull_request", { files: [file("roles.md")] }],
    ["pull_request", { files: [file(".github/labels.md"), file(".gitignore"), file("docs/git/config")] }],
    ["query", { sql: "select * from grants" }],
  ])("is nothing of the kind: %s %j", (name, args) => {
    expect(inputOf(name, args).facts.signals).toEqual([]);
  });

  it("is no more than a manifest where a container adds what any may", () => {
    const manifest = `${pod}spec: { securityContext: { capabilities: { add: [NET_BIND_SERVICE] } } }`;
    expect(inputOf("apply", { manifest }).facts.signals).toEqual(["high-risk", "infrastructure"]);
  });
});

describe("how much a call touches", () => {
  const capped = (unit: "objects" | "rows" | "customers", most: number, ...tools: readonly string[]) =>
    desk("", [{ unit, most, tools: tools.map((tool) => `desk.${tool}`) }]);
  const ids = (count: number) => Array.from({ length: count }, (_, at) => `id-${at}`);

  it("MT-36 the 501st object is refused where the cap is 500", async () => {
    const set = await capped("objects", 500, "purge");
    expect(ask(set, "purge", { ids: ids(500) }).effect).toBe("allow");
    expect(determined(ask(set, "purge", { ids: ids(501) }))).toBe("deny desk/cap/objects");
  });

  it("MT-36 counts what a manifest and a plan hold", async () => {
    const set = await capped("objects", 2, "apply", "plan", "pull_request");
    expect(ask(set, "apply", { manifest: `${pod}---\n${pod}` }).effect).toBe("allow");
    expect(ask(set, "apply", { manifest: `${pod}---\n${pod}---\n${pod}` }).effect).toBe("deny");
    expect(ask(set, "plan", { plan: plan("delete") }).effect).toBe("allow");
  });

  it("MT-36 refuses what it cannot count", async () => {
    const set = await capped("objects", 500, "purge", "apply");
    for (const value of ["all", null, { length: 1 }, -1, 1.5, 2 ** 60, { __entity: { type: "Agent", id: "a" } }])
      expect(ask(set, "purge", { ids: value as Json }).effect, JSON.stringify(value)).toBe("deny");
    expect(ask(set, "purge", {}).effect).toBe("deny");
    expect(ask(set, "apply", { manifest: "?" }).effect).toBe("deny");
  });

  it("MT-36 takes the server's default where the argument is absent", async () => {
    expect(ask(await capped("rows", 100, "purge"), "purge", { ids: [] }).effect).toBe("allow");
    expect(ask(await capped("rows", 99, "purge"), "purge", { ids: [] }).effect).toBe("deny");
    expect(ask(await capped("rows", 99, "purge"), "purge", { ids: [], limit: 99 }).effect).toBe("allow");
  });

  it("MT-36 caps money in its currency", async () => {
    const set = await desk("", [{ unit: "money", most: 50_000, currency: "EUR", tools: ["desk.refund"] }]);
    expect(ask(set, "refund", { amount: "500.00" }).effect).toBe("allow");
    expect(determined(ask(set, "refund", { amount: "500.01" }))).toBe("deny desk/cap/money");
    expect(ask(set, "refund", { amount: "1 JPY" }).effect).toBe("deny");
    expect(ask(set, "refund", { amount: "500,00" }).effect).toBe("deny");
  });

  it("MT-36 is no fact that a stored input of another form can bend", async () => {
    const set = await capped("objects", 500, "purge");
    const input = inputOf("purge", { ids: [] });
    expect(decide(input, set).effect).toBe("allow");
    for (const reach of [
      undefined,
      {},
      { objects: "1" },
      { objects: 0.5 },
      { objects: null },
      { objects: 501 },
      { rows: 1 },
    ]) {
      const facts = { ...input.facts, reach } as DecisionInput["facts"];
      expect(decide({ ...input, facts }, set).effect, JSON.stringify(reach)).toBe("deny");
    }
  });
});
