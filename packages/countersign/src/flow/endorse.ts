import type { Json } from "@countersign/contract";
import { type Endorsement, normalisers } from "../catalog/index.ts";

const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
const integer = /^-?\d{1,18}$/;
const number = /^-?\d{1,18}(?:\.\d{1,18})?$/;

/** Whether a value can say no more than a rule lets it, whoever chose it. */
export function endorses(rule: Endorsement, value: string | number): boolean {
  if (rule.values?.some((one) => one === value) === true) return true;
  if (rule.domains !== undefined && isAt(rule.domains, value)) return true;
  switch (rule.type) {
    case "integer":
      return integer.test(String(value));
    case "number":
      return number.test(String(value));
    case "date":
      return typeof value === "string" && date.test(value) && !Number.isNaN(Date.parse(value));
    case "boolean":
      return value === "true" || value === "false";
    case undefined:
      return false;
  }
}

/** It is one mailbox or one address of the web, read as every program reads it, at one of the domains or below. */
function isAt(domains: readonly string[], value: string | number): boolean {
  const host = typeof value === "string" ? (hostOf("email", value) ?? hostOf("url", value)) : undefined;
  return host !== undefined && domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

function hostOf(as: "email" | "url", value: string): string | undefined {
  try {
    const read = normalisers[as].read(value, {});
    const hosts: Json | undefined = as === "email" ? read.domains : read.hosts;
    if (read.user === true || read.literal === true || !Array.isArray(hosts)) return undefined;
    return typeof hosts[0] === "string" && hosts.length === 1 ? hosts[0] : undefined;
  } catch {
    return undefined;
  }
}
