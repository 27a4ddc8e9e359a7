import type { Confidentiality, Decision, JsonObject, Obligation } from "@countersign/contract";

export type ObligationKind = Obligation["kind"];

export interface ObligationRule {
  readonly kind: ObligationKind;
  readonly properties: JsonObject;
}

const kinds: readonly ObligationKind[] = ["redact", "notify", "record_full"];

export function isObligationKind(text: string): text is ObligationKind {
  return kinds.some((kind) => kind === text);
}

const cut = ["internal", "personal", "secret"] as const satisfies readonly Confidentiality[];

/** Whether the gate carries it out: all is recorded of every call, and what has a label can be cut from an answer. */
export function isKept({ kind, properties }: { readonly kind: string; readonly properties: JsonObject }): boolean {
  if (kind === "record_full") return true;
  const { labels } = properties;
  return kind === "redact" && Array.isArray(labels) && labels.length > 0 && labels.every(isCut);
}

function isCut(label: unknown): label is Confidentiality {
  return cut.some((one) => one === label);
}

/** The least confidential label that an answer is to be without; undefined where the agent may have all of it. */
export function leastCut(obligations: Decision["obligations"]): Confidentiality | undefined {
  const labels = obligations.flatMap(({ kind, properties }) => (kind === "redact" ? properties.labels : []));
  return cut.find((label) => labels.includes(label));
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
