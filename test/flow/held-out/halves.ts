import { createHash } from "node:crypto";
import type { Session } from "../session.ts";

export type Half = "held-out" | "tuning";

/** Which half a session is in, fixed before anything was replayed: of a workflow's sessions of a kind, in the order of the SHA-256 of their names, every second one is for tuning. */
export function halfOf(session: Session, all: readonly Session[]): Half {
  const digest = ({ name }: Session) => createHash("sha256").update(name).digest("hex");
  const alike = all
    .filter(({ workflow, kind }) => workflow === session.workflow && kind === session.kind)
    .sort((one, other) => (digest(one) < digest(other) ? -1 : 1));
  return alike.findIndex(({ name }) => name === session.name) % 2 === 0 ? "held-out" : "tuning";
}
