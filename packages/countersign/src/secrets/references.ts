import type { Json } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { checkName, isReserved } from "./name.ts";
import type { Lease } from "./store.ts";

const reference = /secret:\/\/([A-Za-z0-9._/-]*[A-Za-z0-9])?/g;

/** The names of the secrets that a setting of a tools/ file refers to, each once. Fails with `invalid` on a bad name. */
export function findReferences(setting: Json): string[] {
  const names = new Set<string>();
  visit(setting, (text) => {
    for (const match of text.matchAll(reference)) {
      const name = checkName(match[1] ?? "");
      // A person's token would go to whichever server a file names.
      if (isReserved(name)) throw new Problem("invalid", `\`secret://${name}\` cannot be referred to`);
      names.add(name);
    }
  });
  return [...names];
}

/** A setting with its secrets in it. Give it to one child process or one request; `release` when that has ended. */
export interface Resolved<T> {
  /** Plain values: never logged, stored, or kept longer than the call that needs them. */
  reveal(): T;
  readonly leases: readonly Lease[];
  release(): Promise<void>;
  toJSON(): string;
}

/**
 * Leases what a setting refers to and puts the values in, at the last hop. Settings come from tools/ files only: what an
 * agent sends must never be passed here, and a resolved value is not searched for references again.
 */
export async function resolveReferences<T extends Json>(
  setting: T,
  lease: (name: string) => Promise<Lease>,
): Promise<Resolved<T>> {
  const names = findReferences(setting);
  const leases = new Map<string, Lease>();
  const release = async (): Promise<void> => {
    await Promise.all([...leases.values()].map((held) => held.release()));
  };
  try {
    for (const name of names) leases.set(name, await lease(name));
  } catch (thrown) {
    await release();
    throw thrown;
  }
  return {
    reveal: () => fill(setting, leases) as T,
    leases: [...leases.values()],
    release,
    toJSON: () => "[secret]",
  };
}

function fill(setting: Json, leases: ReadonlyMap<string, Lease>): Json {
  if (typeof setting === "string") {
    return setting.replace(reference, (_, name: string) => {
      const lease = leases.get(name);
      if (lease === undefined) throw new Problem("bug", "a reference was not leased");
      return lease.value.reveal();
    });
  }
  if (typeof setting !== "object" || setting === null) return setting;
  if (isList(setting)) return setting.map((item) => fill(item, leases));
  return Object.fromEntries(Object.entries(setting).map(([member, value]) => [member, fill(value, leases)]));
}

function visit(setting: Json, see: (text: string) => void): void {
  if (typeof setting === "string") see(setting);
  else if (typeof setting === "object" && setting !== null)
    for (const value of Object.values(setting)) visit(value, see);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
