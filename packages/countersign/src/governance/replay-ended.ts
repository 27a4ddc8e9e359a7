import { Problem } from "../floor/problem.ts";

/** Whoever asked has gone, or the server stops. */
export function ended(): Problem {
  return new Problem("unavailable", "the simulation was ended before its report was there; nothing was changed", {
    help: "ask again",
  });
}
