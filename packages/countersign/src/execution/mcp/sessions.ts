import type { Db } from "../../db/db.ts";
import type { SessionStore } from "./session.ts";
import { deleteSession, extendSession, insertSession, selectSession } from "./sql.ts";

/** Sessions as rows, so that every replica knows them. */
export function createSessions(db: Db): SessionStore {
  return {
    open: (row) => insertSession(db, row),
    find: (id, nowMs) => selectSession(db, id, nowMs),
    touch: (id, expiresAtMs) => extendSession(db, id, expiresAtMs),
    end: (id) => deleteSession(db, id),
  };
}
