import type { JsonObject, Obligation } from "@countersign/contract";

export type ObligationKind = Obligation["kind"];

export interface ObligationRule {
  readonly kind: ObligationKind;
  readonly properties: JsonObject;
}

const kinds: readonly ObligationKind[] = ["redact", "notify", "record_full"];

export function isObligationKind(text: string): text is ObligationKind {
  return kinds.some((kind) => kind === text);
}

/** Whether the gate carries it out, which it does for every call: all is recorded, and secrets are cut from every answer. */
export function isKept({ kind, properties }: { readonly kind: string; readonly properties: JsonObject }): boolean {
  if (kind === "record_full") return true;
  const { labels } = properties;
  return kind === "redact" && Array.isArray(labels) && labels.length > 0 && labels.every((label) => label === "secret");
}

/** Reads `@obligation("redact,notify") @redact("personal,secret") @notify("support-leads")`. */
export function readObligations(annotations: {
  readonly [name: string]: string;
}): { readonly ok: readonly ObligationRule[] } | { readonly fault: string } {
  const rules: ObligationRule[] = [];
  for (const kind of names(annotations.obligation)) {
    // An obligation that the gate does not know cannot be met, so it must never look met.
    if (!isObligationKind(kind)) return { fault: `obligation \`${kind}\` is not known` };
    rules.push({ kind, properties: propertiesOf(kind, annotations) });
  }
  for (const kind of ["redact", "notify"] as const) {
    if (annotations[kind] !== undefined && !rules.some((rule) => rule.kind === kind)) {
      return { fault: `\`@${kind}\` stands without \`@obligation("${kind}")\`` };
    }
  }
  return { ok: rules };
}

function propertiesOf(kind: ObligationKind, annotations: { readonly [name: string]: string }): JsonObject {
  if (kind === "redact") return { labels: names(annotations.redact) };
  if (kind === "notify") return { to: names(annotations.notify) };
  return {};
}

function names(list: string | undefined): readonly string[] {
  return list === undefined
    ? []
    : list
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
}
