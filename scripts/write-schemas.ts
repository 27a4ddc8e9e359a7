import { mkdir, writeFile } from "node:fs/promises";
import { publishedSchemas } from "../packages/countersign/src/workspace/schemas.ts";

// Writes the JSON Schemas that are published with the contract. A test compares them with what this would write.
const folder = new URL("../packages/contract/schemas/", import.meta.url);
await mkdir(folder, { recursive: true });
for (const { file, text } of publishedSchemas()) await writeFile(new URL(file, folder), text);
