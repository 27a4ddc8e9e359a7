export { factsOf, factsUnopened } from "./facts.ts";
export { Families, type Family, placesOf, type Seen, taskWords } from "./family.ts";
export { type Mark, marksOf } from "./mark.ts";
