import type { PersonCaller } from "../identity/index.ts";

/** Reads as a person does; nothing is asked for with it. */
export const asPlane: PersonCaller = {
  kind: "person",
  email: "countersign",
  name: "countersign",
  roles: [],
  groups: [],
  credential: "countersign",
  method: "cli",
};
