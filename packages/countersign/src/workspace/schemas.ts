import { toolsFileJsonSchema } from "../catalog/index.ts";
import { workflowFile } from "../workflows/index.ts";
import { invariantsFile } from "./invariants.ts";
import { organisationFile } from "./organisation.ts";
import { outlineOf } from "./outline.ts";
import { policyTestsFile, requestFile } from "./policy-tests.ts";

/** The published JSON Schema of each kind of file, for editors: its file name and its text. */
export function publishedSchemas(): readonly { readonly file: string; readonly text: string }[] {
  const schemas: readonly (readonly [string, unknown])[] = [
    ["countersign", outlineOf(organisationFile)],
    ["workflow", outlineOf(workflowFile)],
    ["tools", toolsFileJsonSchema()],
    ["policy-tests", outlineOf(policyTestsFile)],
    ["request", outlineOf(requestFile)],
    ["invariants", outlineOf(invariantsFile)],
  ];
  return schemas.map(([name, schema]) => ({
    file: `${name}.schema.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
}
