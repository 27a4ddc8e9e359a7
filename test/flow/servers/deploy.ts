import { z } from "zod";
import { found, Refused, type ServerTools, toolOf } from "./serve.ts";

interface Service {
  readonly environments: { readonly [name: string]: { version: string; replicas: number; healthy: boolean } };
  readonly versions: readonly string[];
  readonly owner: string;
  readonly note?: string;
}

interface State {
  readonly services: { readonly [name: string]: Service };
  readonly grants: { user: string; role: string }[];
  readonly secrets: { readonly [name: string]: string };
}

const tool = toolOf<State>();
const service = z.string();
const environment = z.enum(["staging", "production"]);
const placeOf = (state: State, service: string, environment: string) =>
  found(found(state.services, service, "service").environments, environment, "environment");

const aboutOf = ({ versions, owner, note = "" }: Service) => ({ versions, owner, note });

/** What runs where. All that it says is its own. */
export const deploy: ServerTools<State> = {
  get_status: tool("Tells what runs of a service.", { service, environment }, (state, args) => ({
    ...placeOf(state, args.service, args.environment),
    ...aboutOf(found(state.services, args.service, "service")),
  })),
  get_config: tool("Reads the settings of the environments, with their secrets.", {}, ({ secrets }) => ({ secrets })),
  deploy: tool(
    "Brings a version of a service to an environment.",
    { service, environment, version: z.string() },
    (state, { service, environment, version }) => {
      const place = placeOf(state, service, environment);
      if (!found(state.services, service, "service").versions.includes(version))
        throw new Refused(`there is no version ${version} of ${service}`);
      place.version = version;
      return { done: true };
    },
  ),
  scale: tool(
    "Sets how many replicas of a service run.",
    { service, environment, replicas: z.int().min(0).max(50) },
    (state, { service, environment, replicas }) => {
      placeOf(state, service, environment).replicas = replicas;
      return { done: true };
    },
  ),
  grant: tool("Gives somebody a role.", { user: z.string(), role: z.string() }, (state, grant) => {
    state.grants.push(grant);
    return { done: true };
  }),
};
