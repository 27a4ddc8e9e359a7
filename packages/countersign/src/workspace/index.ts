export { type Checked, check } from "./check.ts";
export { digestFiles, fileDigests, kindOf, limits, organisationPath, type WorkspaceFiles } from "./files.ts";
export { type Complaint, type Path, type Place, problemAt, sentence, type WorkspaceProblem } from "./finding.ts";
export { readJson } from "./json.ts";
export { nearest } from "./nearest.ts";
export {
  type Agent,
  type Environment,
  type Group,
  notificationTopics,
  type Organisation,
  organisationFile,
  type Person,
} from "./organisation.ts";
export { type Change, changeLine, type Drift, drift, type Plan, plan } from "./plan.ts";
export type { Packs } from "./provided-tools.ts";
export { read } from "./read.ts";
export { publishedSchemas } from "./schemas.ts";
export type { PolicyFile, Workspace } from "./workspace.ts";
export { readYaml, type SourceFile } from "./yaml.ts";
