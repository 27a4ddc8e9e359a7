import type { ToolsFile } from "../catalog/index.ts";
import { type Change, compare, differentMembers, isSame, list, namesBetween } from "./change.ts";
import type { PolicyFile } from "./workspace.ts";

/** What changes for upstream servers. How a tool is classified decides what may happen, so any change of it counts. */
export function planServers(before: readonly ToolsFile[], after: readonly ToolsFile[]): Change[] {
  return compare(before, after, {
    kind: "server",
    name: (file) => file.server,
    added: (file) => [
      `${file.transport.kind}${file.pack === undefined ? "" : `, tools of the pack \`${file.pack}\``}`,
      "wider",
    ],
    removed: () => ["none of its tools can be called any more", "none"],
    changed: (was, is, say) => {
      const { came, went } = namesBetween(Object.keys(was.tools), Object.keys(is.tools));
      if (came.length > 0) say(`describes ${list(came)}`, "wider");
      if (went.length > 0) say(`no longer describes ${list(went)}`, "unclear");
      for (const name of differentMembers(was.tools, is.tools)) {
        if (!came.includes(name) && !went.includes(name)) say(`describes \`${name}\` differently`, "unclear");
      }
      if (was.pack !== is.pack)
        say(
          `the pack is ${is.pack === undefined ? "gone" : `\`${is.pack}\``}; it was ${was.pack === undefined ? "not set" : `\`${was.pack}\``}`,
          "unclear",
        );
      if (!isSame(was.transport, is.transport)) say("it is reached or started in another way", "unclear");
      return ["tools", "pack", "transport"];
    },
  });
}

/** Policies are compared as text here; `policy diff` says what they let through. */
export function planPolicies(before: readonly PolicyFile[], after: readonly PolicyFile[]): Change[] {
  return compare(before, after, {
    kind: "policy",
    name: (policy) => policy.file,
    added: () => ["new policies", "unclear"],
    removed: () => ["its policies no longer hold", "wider"],
    changed: (_was, _is, say) => {
      say("its text changes", "unclear");
      return ["text"];
    },
  });
}
