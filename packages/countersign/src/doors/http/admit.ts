import { Problem } from "../../floor/problem.ts";
import { contextOf } from "../../governance/index.ts";
import { type Caller, type PermissionContext, type PersonCaller, requireMay } from "../../identity/index.ts";
import type { Route } from "./route.ts";
import type { HttpSetting } from "./setting.ts";

/** Whether this caller may use this route at all. What it is about, the verb behind it decides. */
export function admit(
  setting: Pick<HttpSetting, "control">,
  route: Route,
  who: Caller | PersonCaller | undefined,
  about: Pick<PermissionContext, "workflow">,
): void {
  if (route.who === "anyone") return;
  if (who === undefined) throw new Problem("not_authenticated", "credentials are missing or not valid");
  if (who.kind === "agent") {
    if (route.who.agent !== true) throw new Problem("forbidden", "this is for people, not for agents");
    return;
  }
  const { person } = route.who;
  if (person === undefined) throw new Problem("forbidden", "this is for agents, not for people");
  if (person !== "any" && route.who.inVerb !== true) requireMay(who, person, contextOf(setting.control, about));
}
