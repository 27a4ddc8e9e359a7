import type { Definition } from "../../packages/countersign/src/catalog/tool.ts";

const words = `
  abort accept activate add append apply approve archive assign attach block cancel checkout clear clone close
  commit complete confirm convert copy create deactivate delete deploy destroy disable dismiss download drop
  edit enable erase evict exec execute fork grant import increment insert install invite invoke join kick leave
  link lock mark merge modify mount move mute overwrite pin play post promote protect publish purge push put
  reject release remove rename reopen replace reply request rerun reset resolve restart restore resume retry
  revert revoke rollback rotate run scale schedule send set share star start stop submit suspend switch sync
  take toggle transition trigger truncate unapprove undo uninstall unlock unpin unprotect unstar update upgrade
  upload write
`;
const writing = new Set(words.trim().split(/\s+/));

/** Words of a definition that say it writes: of its name, how its description begins, and its own hints. */
export function saysItWrites(definition: Definition): readonly string[] {
  const named = definition.name.toLowerCase().split(/[^a-z]+/);
  // `get_release`: what comes after a reading verb names a thing.
  const reads = named.some((word) =>
    /^(?:get|list|search|read|view|find|query|describe|count|wait|detect)$/.test(word),
  );
  const found = reads ? [] : named.filter((word) => writing.has(word));
  const first = /[a-z]+/.exec(String(definition.description ?? "").toLowerCase())?.[0] ?? "";
  if (writing.has(first) || writing.has(first.replace(/s$/, ""))) found.push(`begins: ${first}`);
  if (
    /\b(?:overwrites?|save to disk|creates? a local file|saves? (?:it|the \w+) to)\b/i.test(
      String(definition.description),
    )
  )
    found.push("a file");
  const hints = (definition.annotations ?? {}) as { readonly readOnlyHint?: unknown };
  if (hints.readOnlyHint === false) found.push("hint: not read only");
  return found;
}
