// What these tests use of packages that ship no types.
declare module "smtp-server" {
  import type { Server } from "node:net";
  import type { Readable } from "node:stream";

  export interface Session {
    readonly user?: string;
    readonly secure: boolean;
    readonly envelope: { readonly rcptTo: readonly { readonly address: string }[] };
  }

  interface Options {
    readonly secure?: boolean;
    readonly key?: string;
    readonly cert?: string;
    readonly authOptional?: boolean;
    readonly disabledCommands?: readonly string[];
    readonly onAuth?: (
      auth: { readonly username: string; readonly password: string },
      session: Session,
      done: (fault: Error | null, answer?: { readonly user: string }) => void,
    ) => void;
    readonly onData?: (stream: Readable, session: Session, done: (fault?: Error) => void) => void;
  }

  export class SMTPServer {
    readonly server: Server;
    constructor(options: Options);
    listen(port: number, host: string, done: () => void): Server;
    close(done: () => void): void;
    on(event: "error", heard: (fault: Error) => void): this;
  }
}

declare module "mailparser" {
  export interface Parsed {
    readonly subject?: string;
    readonly text?: string;
    readonly html?: string | false;
    readonly messageId?: string;
    readonly from?: { readonly value: readonly { readonly address?: string }[] };
    readonly to?: { readonly value: readonly { readonly address?: string }[] };
    readonly headers: ReadonlyMap<string, unknown>;
  }
  export function simpleParser(source: Buffer): Promise<Parsed>;
}
