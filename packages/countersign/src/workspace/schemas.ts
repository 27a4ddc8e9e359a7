import { toolsFileSchema } from "../catalog/tools-file.ts";
import { workflowFile } from "../workflows/index.ts";
import { organisationFile } from "./organisation.ts";
import { type Outline, outlineOf } from "./outline.ts";

/** The published JSON Schema of each kind of file, for editors. */
export function schemas(): { readonly countersign: Outline; readonly workflow: Outline; readonly tools: Outline } {
  return {
    countersign: outlineOf(organisationFile),
    workflow: outlineOf(workflowFile),
    tools: outlineOf(toolsFileSchema),
  };
}
