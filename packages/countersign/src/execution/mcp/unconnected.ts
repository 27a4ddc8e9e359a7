import { Problem } from "../../floor/problem.ts";

/** Nobody has connected the upstream for whom this is done, or it has to be connected again. `detail` says who has to. */
export class Unconnected extends Problem {
  constructor(detail: string, help?: string) {
    super("unavailable", detail, help === undefined ? {} : { help });
  }
}
