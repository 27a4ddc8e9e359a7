// What these tests use of a package that ships no types.
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Found {
    readonly accountId?: string;
    readonly aud?: string | readonly string[];
    readonly scope?: string;
    destroy(): Promise<void>;
  }

  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: string, heard: (...args: never[]) => void): this;
    readonly AccessToken: { find(token: string): Promise<Found | undefined> };
    readonly RefreshToken: { find(token: string): Promise<Found | undefined> };
  }
}
