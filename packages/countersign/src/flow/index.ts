export { cutError, cutLabelled } from "./cut.ts";
export { doneAt } from "./done.ts";
export { again, factsOf, factsUnopened, worstOf } from "./facts.ts";
export { Families, type Family, placesOf, type Seen, taskWords } from "./family.ts";
export { isInTask } from "./in-task.ts";
export { type Mark, marksOf } from "./mark.ts";
