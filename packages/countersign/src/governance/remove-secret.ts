import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { checkName, isReserved, type SealedStore } from "../secrets/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { usesOfSecret } from "./uses-of-secret.ts";

export interface SecretRemoved {
  readonly entry: string;
  /** How many versions of it were destroyed. */
  readonly versions: number;
  /** What in force still refers to it, and fails from now on. */
  readonly usedBy: readonly string[];
}

/**
 * Destroys a secret, every version of it, in the entry's own transaction. Where files in force refer to it that takes a
 * reason: what needs it fails from then on.
 */
export async function removeSecret(
  control: Control,
  storeWithin: (tx: Tx) => SealedStore,
  person: PersonCaller,
  { name, although }: { readonly name: string; readonly although?: string },
): Promise<SecretRemoved> {
  requireMay(person, "keep-secret", contextOf(control, {}));
  checkName(name);
  if (isReserved(name))
    throw new Problem("invalid", "names under `connection/` are the plane's own", {
      help: "a connection is ended with `countersign tools disconnect`",
    });
  if (!(await storeWithin(control.parts.db).list()).some((one) => one.name === name))
    throw new Problem("not_found", `there is no secret \`${name}\``);
  const usedBy = usesOfSecret(control.keeper.loaded().workspace, name);
  if (usedBy.length > 0 && although === undefined)
    throw new Problem("conflict", `${usedBy.join(", ")} in force refers to \`${name}\`, so it was not removed`, {
      help: "take the reference out and apply that, or say why it goes although what needs it fails then",
      at: "/although",
    });
  let versions = 0;
  const entry = await govern(control, {
    kind: "secret",
    person: person.email,
    payload: {
      deed: "removed",
      secret: name,
      by: person.email,
      usedBy: [...usedBy],
      ...(although === undefined ? {} : { although }),
    },
    change: async (tx) => {
      ({ versions } = await storeWithin(tx).destroy(name));
      if (versions === 0) throw new Problem("conflict", "somebody else removed it first");
    },
  });
  return { entry, versions, usedBy };
}
