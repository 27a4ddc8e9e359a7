import { expect, it } from "vitest";
import {
  authorizationServerMetadata,
  challenge,
  jwksDocument,
  protectedResourceMetadata,
  resourceMetadataAddress,
} from "./metadata.ts";

it("the issuer is the public address, without a slash at its end, in every document", () => {
  for (const url of ["https://gate.example", "https://gate.example/"]) {
    expect(authorizationServerMetadata(url)).toMatchObject({
      issuer: "https://gate.example",
      token_endpoint: "https://gate.example/oauth/token",
      jwks_uri: "https://gate.example/oauth/jwks",
      grant_types_supported: ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
      token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
    });
    expect(protectedResourceMetadata(url, "https://gate.example/mcp")).toMatchObject({
      resource: "https://gate.example/mcp",
      authorization_servers: ["https://gate.example"],
    });
  }
});

it("no algorithm is offered that is not accepted", () => {
  expect(authorizationServerMetadata("https://g").token_endpoint_auth_signing_alg_values_supported).not.toContain(
    "none",
  );
  expect(authorizationServerMetadata("https://g").token_endpoint_auth_signing_alg_values_supported).not.toContain(
    "HS256",
  );
});

it("a refusal points to the metadata of the address that was called", () => {
  expect(resourceMetadataAddress("https://g.example/mcp/github")).toBe(
    "https://g.example/.well-known/oauth-protected-resource/mcp/github",
  );
  expect(resourceMetadataAddress("https://g.example/")).toBe("https://g.example/.well-known/oauth-protected-resource");
  expect(challenge("https://g.example/mcp", false)).toMatch(
    /^Bearer resource_metadata="https:\/\/g.example\/.well-known\/oauth-protected-resource\/mcp", DPoP algs="/,
  );
  expect(challenge("https://g.example/mcp", true)).toContain('error="invalid_token"');
});

it("the published keys have no private part", () => {
  const published = [{ kty: "OKP", crv: "Ed25519", x: "AAAA", kid: "key_1", alg: "EdDSA" }] as const;
  expect(jwksDocument({ published })).toEqual({ keys: [{ ...published[0], use: "sig" }] });
});
