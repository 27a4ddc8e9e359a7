import { afterEach, beforeEach, expect } from "vitest";
import { now } from "./hit.ts";

// What is reached while a file is read, in its hooks, and in threads and processes, may matter to each of its tests.
const file = expect.getState().testPath ?? "";
now.test = file;
process.env.MUTATION_TEST = file;
beforeEach(({ task }) => {
  now.test = task.id;
});
afterEach(() => {
  now.test = file;
});
