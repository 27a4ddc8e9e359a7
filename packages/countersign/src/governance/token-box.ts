import type { Tokens } from "../execution/mcp/index.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";

interface Packed {
  readonly access: string;
  readonly refresh?: string;
  readonly expiresAtMs?: number;
}

/** Tokens as one secret. */
export function packTokens({ access, refresh, expiresAtMs }: Tokens): Secret {
  const packed: Packed = {
    access: access.reveal(),
    ...(refresh === undefined ? {} : { refresh: refresh.reveal() }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
  return new Secret(JSON.stringify(packed));
}

export function unpackTokens(box: Secret): Tokens {
  const packed = read(box);
  if (typeof packed?.access !== "string" || packed.access === "")
    throw new Problem("conflict", "what is sealed for a connection is not what was sealed, so it is not used");
  const { access, refresh, expiresAtMs } = packed;
  return {
    access: new Secret(access),
    ...(refresh === undefined ? {} : { refresh: new Secret(refresh) }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
}

function read(box: Secret): Packed | undefined {
  try {
    return JSON.parse(box.reveal()) as Packed;
  } catch {
    // The cause would repeat a part of it.
    return undefined;
  }
}
