/** What decides whether the content of a subject may be erased. */
export interface SubjectState {
  readonly subject: string;
  readonly workflow: string | null;
  /** Of its last entry; null for an advisory decision and a run. */
  readonly state: string | null;
  readonly lastAt: string;
  readonly hasContent: boolean;
  readonly isErased: boolean;
  /** The legal hold that keeps it, where one does. */
  readonly preservedBy: string | null;
}

const ended: ReadonlySet<string | null> = new Set(["done", "failed", "refused", "reversed", null]);

/** Why a subject cannot be erased now; undefined where it can. */
export function whyNot(one: SubjectState): string | undefined {
  if (one.isErased || !one.hasContent) return `\`${one.subject}\` was erased before`;
  if (!ended.has(one.state)) return `\`${one.subject}\` is ${one.state ?? "open"}: only what has ended can be erased`;
  if (one.preservedBy !== null)
    return `\`${one.subject}\` must not be erased: \`${one.preservedBy}\` preserves it (a legal hold)`;
  return undefined;
}
