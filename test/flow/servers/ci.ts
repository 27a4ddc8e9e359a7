import { z } from "zod";
import { found, type ServerTools, toolOf } from "./serve.ts";

interface Run {
  readonly branch: string;
  readonly commit: string;
  state: string;
  readonly log: string;
  attempts: number;
}

interface State {
  readonly runs: { readonly [id: string]: Run };
  readonly variables: { [name: string]: string };
}

const tool = toolOf<State>();
const id = z.string();

/** Builds: what stands in a log is what the code of whoever opened a pull request printed. */
export const ci: ServerTools<State> = {
  list_runs: tool("Lists the builds in a state.", { state: z.string() }, ({ runs }, { state }) => ({
    runs: Object.entries(runs)
      .filter(([, run]) => run.state === state)
      .map(([id, { branch, commit, state, attempts }]) => ({ id, branch, commit, state, attempts })),
  })),
  get_log: tool("Reads the log of a build.", { id }, ({ runs }, { id }) => {
    const { branch, state, log } = found(runs, id, "build");
    return { id, branch, state, log };
  }),
  rerun: tool("Runs a build again.", { id }, (state, { id }) => {
    const run = found(state.runs, id, "build");
    run.attempts += 1;
    run.state = "running";
    return { done: true };
  }),
  set_variable: tool(
    "Sets a variable that every build sees.",
    { name: z.string(), value: z.string() },
    (state, { name, value }) => {
      state.variables[name] = value;
      return { done: true };
    },
  ),
};
