import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { importMcpJson } from "./import-mcp-json.ts";
import { toolsFileSchema } from "./tools-file.ts";

// Shaped like credentials, and none: put together here so that no scanner takes them for one.
const fake = {
  github: `ghp_${"a1B2".repeat(9)}`,
  bearer: `Bearer ${"Zx9-".repeat(8)}`,
  random: "k3Jd82Lq0vPw7Xn5Tb1Yc6Rm",
  password: "hunter-two-and-more",
  query: "qu3ry-s3cret",
};

const clientFile = {
  mcpServers: {
    GitHub: {
      command: "npx",
      args: ["-y", "@acme/server-github", "--log", "info"],
      env: { GITHUB_TOKEN: fake.github, LOG_LEVEL: "info" },
    },
    "Data Base": {
      command: "db-mcp",
      args: [`postgres://app:${fake.password}@db.example/app`, "--api-key", fake.random, `--token=${fake.random}x`],
      cwd: "/srv",
    },
    remote: {
      type: "http",
      url: `https://u:${fake.password}@api.example/mcp?api_key=${fake.query}&region=eu`,
      headers: { Authorization: fake.bearer, "X-Team": "blue", "X-Api-Key": fake.random },
    },
  },
};

describe("importMcpJson", () => {
  const imported = importMcpJson(clientFile);
  const files = imported.map((one) => toolsFileSchema.parse(parse(one.text)));

  it("writes a tools file for each server that the schema accepts, with nothing reviewed", () => {
    expect(imported.map((one) => one.file)).toEqual(["tools/github.yaml", "tools/data-base.yaml", "tools/remote.yaml"]);
    expect(files[0]?.transport).toEqual({
      kind: "stdio",
      command: "npx",
      args: ["-y", "@acme/server-github", "--log", "info"],
      env: { GITHUB_TOKEN: "secret://github-github-token", LOG_LEVEL: "info" },
    });
    expect(files[2]?.transport).toEqual({
      kind: "http",
      url: "https://api.example/mcp?region=eu",
      headers: { "X-Team": "blue", "X-Api-Key": "secret://remote-x-api-key" },
      auth: { kind: "static", header: "authorization", prefix: "Bearer ", secret: "secret://remote-authorization" },
    });
    for (const file of files) expect([file.tools, file.pack]).toEqual([{}, undefined]);
    for (const one of imported) expect(one.notes.join()).toContain("no tool is reviewed yet");
  });

  it("names the secrets to put and never repeats a value", () => {
    const all = JSON.stringify(imported);
    for (const value of [...Object.values(fake), "Zx9-", "hunter"]) expect(all).not.toContain(value);
    expect(imported[1]?.secrets.map((secret) => secret.name)).toEqual([
      "data-base-argument-1",
      "data-base-api-key",
      "data-base-token",
    ]);
    expect(imported[2]?.secrets).toContainEqual({ name: "remote-api-key", from: "query api_key" });
  });

  it("reads VS Code's shape, and keeps two names that fold into one apart", () => {
    const read = importMcpJson({
      servers: { "a.b": { type: "stdio", command: "x" }, "a b": { type: "sse", url: "https://a.example/sse" } },
      inputs: [],
    });
    expect(read.map((one) => one.server)).toEqual(["a-b", "a-b-2"]);
    expect(read[1]?.notes.join()).toContain("streamable HTTP");
  });

  it("asks for what a client would have filled in", () => {
    const [read] = importMcpJson({
      servers: { a: { command: "x", env: { WORKSPACE: `$\{input:workspace}`, MODE: "fast" } } },
    });
    expect(toolsFileSchema.parse(parse(read?.text ?? "")).transport).toMatchObject({
      env: { WORKSPACE: "secret://a-workspace", MODE: "fast" },
    });
  });

  it("refuses what is no such file without repeating it", () => {
    for (const bad of [
      null,
      7,
      {},
      { mcpServers: [] },
      { mcpServers: { a: { args: [] } } },
      { mcpServers: { a: { url: `not an address ${fake.github}` } } },
      { mcpServers: { a: { command: 1 } } },
      { mcpServers: { a: { url: "ftp://x.example" } } },
    ]) {
      let message = "nothing was thrown";
      try {
        importMcpJson(bad);
      } catch (thrown) {
        message = String(thrown);
        expect(thrown).toMatchObject({ code: "invalid" });
      }
      expect(message).not.toContain("nothing was thrown");
      expect(message).not.toContain(fake.github);
    }
  });
});

describe("toolsFileSchema", () => {
  const parseFile = (transport: object, more: object = {}) =>
    toolsFileSchema.safeParse({ server: "a", transport, ...more }).success;

  it("accepts references to secrets and no half references, no credentials in addresses, no unknown keys", () => {
    expect(parseFile({ kind: "stdio", command: "x", env: { T: "secret://a-b" } })).toBe(true);
    expect(parseFile({ kind: "stdio", command: "x", env: { T: "secret://" } })).toBe(false);
    expect(parseFile({ kind: "stdio", command: "x", env: { T: "secret:a" } })).toBe(false);
    expect(parseFile({ kind: "stdio", command: "x\ny" })).toBe(false);
    expect(parseFile({ kind: "http", url: "https://u:p@a.example/" })).toBe(false);
    expect(parseFile({ kind: "http", url: "https://a.example/", headers: { A: "b\r\nc" } })).toBe(false);
    expect(parseFile({ kind: "package", package: "../evil" })).toBe(false);
    expect(parseFile({ kind: "package", package: "@a/b", shell: true })).toBe(false);
    expect(parseFile({ kind: "stdio", command: "x" }, { server: "A" })).toBe(false);
    const oauth = { kind: "oauth", grant: "client_credentials", clientId: "c", clientSecret: "secret://s" };
    expect(parseFile({ kind: "http", url: "https://a.example/", auth: oauth })).toBe(true);
    expect(parseFile({ kind: "http", url: "https://a.example/", auth: { ...oauth, clientSecret: "plain" } })).toBe(
      false,
    );
  });
});
