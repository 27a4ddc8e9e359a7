import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { plan } from "./plan.ts";
import { read } from "./read.ts";

const example = fileURLToPath(new URL("../../../../examples/workspace", import.meta.url));
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  ({ files } = await read(example));
});

const opa = {
  name: "estate",
  kind: "opa-http",
  url: "https://opa.acme.example:8181",
  path: "countersign/veto/verdict",
};
const wasm = {
  name: "local",
  kind: "opa-wasm",
  bundle: "vetoes/bundle.tar.gz",
  digest: `sha256:${"a".repeat(64)}`,
  entrypoint: "a/b",
};

const withParts = (parts: object) => ({
  ...files,
  "countersign.yaml": `${files["countersign.yaml"]}\n${Object.entries(parts)
    .map(([name, part]) => `${name}: ${JSON.stringify(part)}`)
    .join("\n")}\n`,
});
const problems = (parts: object) => check(withParts(parts)).problems.filter(({ severity }) => severity === "error");

describe("vetoes in a workspace", () => {
  it("are taken as they should be", () => {
    const vetoes = [
      { ...opa, workflows: ["docs-upkeep"], tools: ["files.*"], credential: "opa/key", timeoutMs: 500 },
      wasm,
    ];
    expect(problems({ vetoes })).toEqual([]);
    expect(check(withParts({ vetoes })).workspace?.organisation.vetoes).toMatchObject([
      { timeoutMs: 500 },
      { timeoutMs: 1000 },
    ]);
    expect(problems({ vetoes: [{ ...opa, url: "http://127.0.0.1:8181" }] })).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ["without TLS elsewhere", { ...opa, url: "http://opa.acme.example" }, /without TLS only this machine is safe/],
    ["with a password", { ...opa, url: "https://ana:hunter2hunter2@opa.acme.example" }, /password/],
    ["at a link-local address", { ...opa, url: "https://169.254.169.254/x" }, /link-local/],
    ["with a query", { ...opa, url: "https://opa.acme.example/?a=b" }, /more than a path/],
    ["at no address", { ...opa, url: "opa" }, /not an address/],
    ["in a workflow that is not there", { ...opa, workflows: ["docs-upkep"] }, /docs-upkep/],
    ["of an unknown kind", { ...opa, kind: "opa" }, /kind/],
    ["with a path that leaves", { ...opa, path: "../v1/config" }, /path/],
    ["with a credential of the plane's own", { ...opa, credential: "connection/x" }, /cannot be named/],
    ["without a digest", { ...wasm, digest: undefined }, /digest/],
    ["that may wait for ever", { ...opa, timeoutMs: 3_600_000 }, /timeoutMs/],
    ["for every tool by a star", { ...opa, tools: ["*"] }, /tools/],
  ])("%s are refused", (_name, veto, words) => {
    const [first] = problems({ vetoes: [veto] });
    expect(`${first?.path ?? ""} ${first?.message ?? ""} ${first?.expected ?? ""}`).toMatch(words);
  });

  it("are each here once", () => {
    expect(problems({ vetoes: [opa, opa] })[0]?.message).toContain("twice");
  });

  it("are told in the plan: one that comes is no risk, one that goes or asks about less is", () => {
    const sides = (before: object, after: object) => {
      const [was, is] = [check(withParts(before)).workspace, check(withParts(after)).workspace];
      if (was === undefined || is === undefined) throw new Error("a side is wrong");
      return plan(was, is).changes.map(({ mark, kind, name, risk, sentence }) => ({
        line: `${mark} ${kind} ${name}`,
        risk,
        sentence,
      }));
    };
    expect(sides({}, { vetoes: [opa] })).toMatchObject([{ line: "+ veto estate", risk: "none" }]);
    expect(sides({ vetoes: [opa] }, {})).toMatchObject([{ line: "- veto estate", risk: "wider" }]);
    const less = { ...opa, tools: ["files.write_file"] };
    expect(sides({ vetoes: [opa] }, { vetoes: [less] })).toMatchObject([{ line: "~ veto estate", risk: "wider" }]);
    const moved = { ...opa, url: "https://other.acme.example" };
    expect(sides({ vetoes: [opa] }, { vetoes: [moved] })).toMatchObject([{ risk: "unclear" }]);
    const logged = { decisionLog: { url: "https://logs.acme.example/logs", input: "full" } };
    expect(sides({}, logged)).toMatchObject([
      { risk: "unclear", sentence: expect.stringContaining("their whole input") },
    ]);
  });
});

describe("addresses of anchors", () => {
  const http = (url: string) => problems({ anchors: [{ kind: "http", url }] });
  const tsa = (url: string) => problems({ anchors: [{ kind: "tsa", url, certificates: "tsa.pem" }] });

  it("are taken as they should be", () => {
    for (const url of ["https://witness.acme.example/checkpoints", "http://127.0.0.1:4000/put"])
      expect(http(url), url).toEqual([]);
    expect(tsa("http://tsa.acme.example/")).toEqual([]);
  });

  it("hold no name, password or token, since they are named in logs and alerts", () => {
    for (const url of [
      "https://ana:hunter2@acme.example/",
      "https://acme.example/put?token=x",
      "https://169.254.1.1/",
      "ftp://acme.example/",
    ])
      for (const anchor of [http, tsa]) expect(anchor(url), url).toHaveLength(1);
    expect(http("http://acme.example/")).toHaveLength(1);
  });
});
