import type { Consent } from "../connections/index.ts";
import { Problem } from "../floor/problem.ts";
import type { Control } from "./control.ts";

/** What of a consent is sealed until it has ended. */
export interface SealedConsent {
  readonly verifier: string;
  /** The authorization server's address, with the state. */
  readonly url: string;
}

export function sealConsent(control: Control, id: string, box: SealedConsent): Buffer {
  return control.parts.wrap.seal(Buffer.from(JSON.stringify(box)), bindingOf(id));
}

/** What was sealed when it was begun; gone once it has ended. */
export function openConsent(control: Control, consent: Consent): SealedConsent {
  if (consent.sealed === null) throw new Problem("conflict", "it is over", { help: "begin again" });
  const opened = control.parts.wrap.open(consent.sealed, bindingOf(consent.id));
  return JSON.parse(Buffer.from(opened).toString("utf8")) as SealedConsent;
}

function bindingOf(id: string): string {
  return `countersign.consent.v1 ${id}`;
}
