export { check, readRequest } from "./check.ts";
export { checkScopes } from "./check-limits.ts";
export { checkNormalisers } from "./check-normalise.ts";
export { digestFiles, type WorkspaceFiles } from "./files.ts";
export { quoted, sentence, type WorkspaceProblem } from "./finding.ts";
export { lineDifference } from "./line-difference.ts";
export { linksFor, type ProviderSettings } from "./login.ts";
export { narrowWorkflow, type Scope, takeGrants } from "./narrow.ts";
export { nearest } from "./nearest.ts";

export { changeLine, type Plan, plan } from "./plan.ts";

export { read } from "./read.ts";

export type { Workspace } from "./workspace.ts";
