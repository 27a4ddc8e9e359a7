import { type EntryKind, entryKinds, type Leaf } from "./entry.ts";
import { Flaw, type FoundFlaw } from "./flaw.ts";
import type { Json } from "./json.ts";
import { readBase64, readCount, readMembers, readText } from "./shape.ts";
import { mayMove, type State, states } from "./state.ts";

const required = ["v", "writer", "seq", "prev", "at", "kind", "subject", "step", "from", "to", "commit"];
const optional = ["agent", "workflow", "person", "tool", "run"] as const;
/** Printable ASCII without the space: an id stands as one word in a checkpoint's line. */
export const idForm = /^[!-~]{1,128}$/;
const timeForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/;

/** The leaf that a JSON value is, or a `Flaw`. */
export function readLeaf(value: Json | undefined, at: string): Leaf {
  const leaf = readMembers(value, at, required, optional);
  if (leaf.v !== 1) throw new Flaw("shape", `${at}/v`, "only version 1 of an entry is known");
  readBase64(leaf.prev, `${at}/prev`, 32);
  readBase64(leaf.commit, `${at}/commit`, 32);
  const named: Partial<Record<(typeof optional)[number], string>> = {};
  for (const name of optional) if (leaf[name] !== undefined) named[name] = readText(leaf[name], `${at}/${name}`);
  return {
    v: 1,
    writer: readText(leaf.writer, `${at}/writer`, idForm),
    seq: readCount(leaf.seq, `${at}/seq`),
    prev: readText(leaf.prev, `${at}/prev`),
    at: readText(leaf.at, `${at}/at`, timeForm),
    kind: readKind(leaf.kind, `${at}/kind`),
    subject: readText(leaf.subject, `${at}/subject`, idForm),
    step: readCount(leaf.step, `${at}/step`),
    from: readState(leaf.from, `${at}/from`),
    to: readState(leaf.to, `${at}/to`),
    ...named,
    commit: readText(leaf.commit, `${at}/commit`),
  };
}

function readKind(value: Json | undefined, at: string): EntryKind {
  const kind = entryKinds.find((known) => known === value);
  if (kind === undefined) throw new Flaw("shape", at, "the kind of entry is not known");
  return kind;
}

function readState(value: Json | undefined, at: string): State | null {
  if (value === null) return null;
  const state = states.find((known) => known === value);
  if (state === undefined) throw new Flaw("shape", at, "the state is not known");
  return state;
}

/** What is wrong with the step from `before` to `leaf` of one subject; `before` is absent for its first step. */
export function flawOfStep(
  before: Pick<Leaf, "step" | "to"> | undefined,
  leaf: Pick<Leaf, "subject" | "step" | "from" | "to">,
  at: string,
): FoundFlaw | undefined {
  const expected = before === undefined ? 0 : before.step + 1;
  if (leaf.step !== expected) {
    return {
      code: "step",
      at,
      sentence: `step ${expected} of \`${leaf.subject}\` is missing: step ${leaf.step} stands in its place`,
    };
  }
  const { from, to } = leaf;
  const begins = before === undefined ? from === null || from === "received" : from === before.to;
  const isLegal =
    from === null ? to === null || (to === "received" && before === undefined) : to !== null && mayMove(from, to);
  if (begins && isLegal) return undefined;
  return {
    code: "move",
    at,
    sentence: `step ${leaf.step} of \`${leaf.subject}\` is not a legal move: \`${from}\` to \`${to}\``,
  };
}
