import { isSinglePerson, type PermissionContext } from "../identity/index.ts";
import { answering, dayOf } from "../workflows/index.ts";
import type { Control } from "./control.ts";

/** What a permission is decided on, completed from the workspace in force. */
export function contextOf(
  control: Control,
  about: Omit<PermissionContext, "singlePerson" | "dri" | "delegates" | "standIns"> & { readonly agent?: string },
): PermissionContext {
  const { workspace, directory } = control.keeper.loaded();
  const { agent, ...rest } = about;
  const known = agent === undefined ? undefined : directory.agents.get(agent);
  const workflow = about.workflow ?? known?.workflow;
  const file = workspace?.workflows.find((one) => one.name === workflow);
  const dri = file?.dri;
  return {
    ...rest,
    ...(workflow === undefined ? {} : { workflow }),
    ...(dri === undefined ? {} : { dri }),
    ...(file === undefined
      ? {}
      : { delegates: file.delegates, standIns: answering(file, dayOf(control.parts.ledger.now())) }),
    ...(known === undefined || about.owner !== undefined ? {} : { owner: known.owner }),
    singlePerson: isSinglePerson(directory),
  };
}
