import type { PersonCaller } from "./caller.ts";

/** Whose hands a deed may have been in: whom its login names, and whoever made the link for them. */
export interface Hands {
  readonly person: string;
  readonly vouchedBy: readonly string[];
}

export function handsOf({ email, vouchedBy = [] }: Pick<PersonCaller, "email" | "vouchedBy">): Hands {
  return { person: email, vouchedBy };
}

/** Somebody who may be behind both; undefined where these are two people whoever holds the logins. */
export function inBoth(one: Hands, other: Hands): string | undefined {
  const mine = [one.person, ...one.vouchedBy];
  return [other.person, ...other.vouchedBy].find((person) => mine.includes(person));
}

/** Who vouches for a login whose link these hands made for `person`. A link for oneself adds nobody and forgets nobody. */
export function vouchersOf({ person: by, vouchedBy }: Hands, person: string): readonly string[] {
  return [...new Set([by, ...vouchedBy])].filter((one) => one !== person).sort();
}
