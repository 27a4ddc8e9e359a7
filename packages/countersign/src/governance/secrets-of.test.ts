import { describe, expect, it } from "vitest";
import type { ToolsFile } from "../catalog/index.ts";
import { transportSchema } from "../catalog/tools-file.ts";
import { secretsOf } from "./secrets-of.ts";

const given = (transport: object) => secretsOf({ transport: transportSchema.parse(transport) } as ToolsFile);

describe("the secrets of a server", () => {
  it("are those of its process's environment, and no text of its command is one", () => {
    const env = { TOKEN: "secret://token", PLAIN: "x" };
    const said = ["--token", "secret://GITHUB_TOKEN", "secret://a..b"];
    const command = { command: "node", args: said, cwd: "secret://PLACE" };
    expect(given({ kind: "stdio", ...command, env })).toEqual(["token"]);
    expect(given({ kind: "package", package: "x", args: said, env })).toEqual(["token"]);
  });

  it("are those of its requests' headers and of its client at an authorization server", () => {
    const http = { kind: "http", url: "https://up.example/secret://PLACE" };
    const headers = { "x-key": "Key secret://key" };
    expect(given({ ...http, headers, auth: { kind: "static", secret: "secret://own" } })).toEqual(["key", "own"]);
    const oauth = { kind: "oauth", grant: "client_credentials", clientId: "secret://ID", scopes: ["secret://SCOPE"] };
    expect(given({ ...http, headers, auth: { ...oauth, clientSecret: "secret://client" } })).toEqual(["key", "client"]);
    expect(given({ ...http, auth: { ...oauth, privateKey: "secret://signing" } })).toEqual(["signing"]);
  });

  it("cannot be told where one has a name that no secret can have", () => {
    for (const odd of ["secret://a..b", "Bearer secret://TOKEN"])
      expect(() => given({ kind: "stdio", command: "node", env: { A: odd } })).toThrow("not a name of a secret");
  });
});
