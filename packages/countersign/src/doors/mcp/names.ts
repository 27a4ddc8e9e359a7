import type { Scope } from "./setting.ts";

const separator = "__";

/** A server and what it calls its own. */
export interface Named {
  readonly server: string;
  readonly name: string;
}

/** The name under which this address shows a server's tool or prompt. */
export function shownName(scope: Scope, server: string, name: string): string {
  return scope.single === undefined ? `${server}${separator}${name}` : name;
}

/** Behind a shown name; of two servers that both could be meant, the longer name wins. */
export function behindName(scope: Scope, shown: string): Named | undefined {
  if (scope.single !== undefined) return { server: scope.single, name: shown };
  const server = scope.servers
    .filter((known) => shown.startsWith(known + separator))
    .sort((a, b) => b.length - a.length)[0];
  return server === undefined ? undefined : { server, name: shown.slice(server.length + separator.length) };
}

/** A name with control or invisible characters could write into a terminal or a log: such a thing is not listed. */
export function isPrintable(name: string): boolean {
  return name.length <= 256 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name);
}
