import type { CallFlow } from "../catalog/index.ts";
import { hasUntrusted } from "./values.ts";

/** What a call brings into its family for good, written with its intent: before any of its answer can be read. */
export interface Mark {
  readonly kind: "taint" | "read";
  /** `untrusted`, or the kind of confidential data. */
  readonly label: string;
  readonly tool: string;
  /** The first action that brought it; empty where a list did. */
  readonly action: string;
}

/** Fails closed: an answer of which a part is untrusted taints, whatever that part turns out to say. */
export function marksOf({ result }: CallFlow, tool: string, action: string): readonly Mark[] {
  const { confidentiality } = result;
  return [
    ...(hasUntrusted(result) ? [{ kind: "taint", label: "untrusted", tool, action } as const] : []),
    ...(confidentiality === "public" ? [] : [{ kind: "read", label: confidentiality, tool, action } as const]),
  ];
}
