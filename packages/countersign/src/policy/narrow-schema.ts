import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { ValidateTask } from "./parse.ts";
import { namedActions } from "./syntax.ts";

type Schema = ValidateTask["schema"];

/** A schema with those of its actions that these policies can match, and their parents; undefined where that may be any. */
export function narrowSchema(policies: readonly PolicyJson[], schema: Schema): Schema | undefined {
  const names = namedActions(policies);
  const whole = schema[""];
  if (names === null || whole === undefined) return undefined;
  const actions: Record<string, (typeof whole.actions)[string]> = {};
  const add = (name: string): void => {
    const said = Object.hasOwn(whole.actions, name) ? whole.actions[name] : undefined;
    if (said === undefined || Object.hasOwn(actions, name)) return;
    actions[name] = said;
    for (const parent of said.memberOf ?? []) add(parent.id);
  };
  for (const name of names) add(name);
  return { "": { ...whole, actions } };
}
