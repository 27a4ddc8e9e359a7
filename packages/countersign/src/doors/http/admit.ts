import { Problem } from "../../floor/problem.ts";
import { contextOf } from "../../governance/index.ts";
import { type Caller, type PermissionContext, type PersonCaller, requireMay } from "../../identity/index.ts";
import type { Route } from "./route.ts";
import type { HttpSetting } from "./setting.ts";

/** Whether this kind of caller may use this route: asked before anything of the request is read. */
export function admitKind(route: Route, who: Caller | PersonCaller | undefined): void {
  if (route.who === "anyone") return;
  if (who === undefined) throw new Problem("not_authenticated", "credentials are missing or not valid");
  if (who.kind === "agent") {
    if (route.who.agent !== true) throw new Problem("forbidden", "this is for people, not for agents");
    return;
  }
  if (route.who.person === undefined) throw new Problem("forbidden", "this is for agents, not for people");
}

/** Whether this person may do the deed of this route. What it is about, the verb behind it may know better. */
export function admitDeed(
  setting: Pick<HttpSetting, "control">,
  route: Route,
  who: Caller | PersonCaller | undefined,
  about: Pick<PermissionContext, "workflow">,
): void {
  if (route.who === "anyone" || who?.kind !== "person") return;
  const { person, inVerb } = route.who;
  if (person === undefined || person === "any" || inVerb === true) return;
  requireMay(who, person, contextOf(setting.control, about));
}
