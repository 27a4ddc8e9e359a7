import type { Catalog } from "../catalog/index.ts";
import type { PolicyFault } from "../policy/index.ts";

/**
 * Servers that the workspace describes and that have listed nothing yet, as before the first start has asked them. What
 * names their tools waits for them: those tools are refused until they are listed and reviewed, and a workspace whose
 * policies name tools could never be put in force for the first time.
 */
export function unlistedServers(catalog: Catalog): readonly string[] {
  // The protocol's own methods are there by the file alone.
  return catalog.servers.filter((server) => catalog.list(server).every(({ name }) => name.startsWith("mcp:")));
}

export function serverOf(tool: string): string {
  return tool.slice(0, Math.max(0, tool.indexOf(".")));
}

/** What follows of an invariant from a tool that is not there: no rule of it can be there either. */
const follows =
  /^no policy `[^`]*` has a cure$|^`when` can never hold|^attribute `(?:facts\.(?:counts|sums|steps)|local)\["/;

/** Whether nothing is wrong but that tools of these servers are not listed yet. */
export function waitsFor(servers: readonly string[], faults: readonly PolicyFault[]): boolean {
  const own = faults.filter(({ detail }) => !follows.test(detail));
  return (
    own.length > 0 &&
    own.every(({ detail }) => {
      const named = /^unrecognized action `Action::"([^"\\]+)"`/.exec(detail)?.[1];
      return named !== undefined && servers.includes(serverOf(named));
    })
  );
}
