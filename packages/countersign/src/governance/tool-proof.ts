import { canonical } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { versionOf } from "../floor/version.ts";
import type { Workspace } from "../workspace/index.ts";

/** That the invariants of a set of rules are proven of a tool as policies see it, or why they are not. */
export interface ToolProof {
  /** `server.tool`. */
  readonly tool: string;
  /** Digest of what policies see of it. */
  readonly shape: string;
  readonly why: string | null;
}

/** A tool that is listed and of which nothing is proven: it is in no policy's reach. */
export interface UnprovenTool {
  readonly tool: string;
  readonly shape: string;
  /** Absent where nobody has tried yet. */
  readonly why?: string;
}

/** What was proven of other files, or of what another version ships, is not proven of these. */
export function rulesOf(workspace: Workspace): string {
  return digestText(canonical([versionOf(), workspace.digest]));
}

export function unprovenOf(
  shapes: ReadonlyMap<string, string>,
  proofs: readonly ToolProof[],
): ReadonlyMap<string, UnprovenTool> {
  const known = new Map(proofs.map((proof) => [`${proof.tool} ${proof.shape}`, proof.why]));
  return new Map(
    [...shapes].flatMap(([tool, shape]): [string, UnprovenTool][] => {
      const why = known.get(`${tool} ${shape}`);
      if (why === null) return [];
      return [[tool, { tool, shape, ...(why === undefined ? {} : { why }) }]];
    }),
  );
}

/** What whoever calls it is told. */
export function unprovenSentence({ tool, why }: UnprovenTool): string {
  return why === undefined
    ? `refused: \`${tool}\` is new here, and the invariants are not proven of it yet. Send it again in a minute`
    : `refused: \`${tool}\` is new since the rules were put in force, and the invariants are not proven of it: ${why}. It stays out of force until a person puts rules in force of which they are (\`countersign policy prove\`)`;
}
