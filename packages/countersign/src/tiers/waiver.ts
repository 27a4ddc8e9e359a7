import type { Tier } from "@countersign/contract";

/** A tier above 0 that people vouch for, until it can be earned: signed, dated, and at most 30 days long. */
export interface Waiver {
  readonly agent: string;
  readonly workflow: string;
  readonly tier: Tier;
  /** E-mail addresses of those who signed. */
  readonly by: readonly string[];
  /** The organisation has one person, and says so. */
  readonly single?: boolean;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

export const longestWaiverMs = 30 * 86_400_000;

/** What is wrong with a waiver; empty where it may be signed. `singlePerson` says that the organisation has one person. */
export function waiverFaults(waiver: Waiver, singlePerson: boolean): readonly string[] {
  const faults: string[] = [];
  if (![1, 2, 3].includes(waiver.tier)) faults.push("a waiver gives tier 1, 2 or 3");
  if (waiver.agent.trim() === "" || waiver.agent.includes("*")) faults.push("a waiver is for one agent");
  if (waiver.workflow.trim() === "" || waiver.workflow.includes("*")) faults.push("a waiver is for one workflow");
  if (waiver.reason.trim() === "") faults.push("a waiver needs a reason");
  const signed = signers(waiver).size;
  if (waiver.single === true && !singlePerson)
    faults.push("the organisation has more than one person, so two people sign");
  if (waiver.single === true ? signed !== 1 : signed < 2) {
    faults.push(waiver.single === true ? "a waiver of one person has one signature" : "a waiver needs two people");
  }
  const ms = Date.parse(waiver.until) - Date.parse(waiver.from);
  if (!(ms > 0)) faults.push("a waiver ends after it begins");
  else if (ms > longestWaiverMs) faults.push("a waiver lasts 30 days at most");
  return faults;
}

/** Whether a waiver counts now. A faulty one never does. */
export function isInForce(waiver: Waiver, atMs: number): boolean {
  // Whether one person was enough was settled when it was signed.
  return (
    waiverFaults(waiver, waiver.single === true).length === 0 &&
    atMs >= Date.parse(waiver.from) &&
    atMs < Date.parse(waiver.until)
  );
}

function signers(waiver: Waiver): ReadonlySet<string> {
  return new Set(waiver.by.map((person) => person.trim().toLowerCase()).filter((person) => person !== ""));
}
