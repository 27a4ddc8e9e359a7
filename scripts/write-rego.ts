import { writeFile } from "node:fs/promises";
import { regoInputSchema } from "../packages/countersign/src/vetoes/rego-schema.ts";

// Writes the JSON Schema of the decision document that the starter package of Rego is checked against. A test compares.
await writeFile(new URL("../packages/countersign/rego/schemas/input.json", import.meta.url), regoInputSchema());
