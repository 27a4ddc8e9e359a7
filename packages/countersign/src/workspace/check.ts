import type { z } from "zod";
import { type ToolsFile, toolsFileSchema } from "../catalog/index.ts";
import { type Workflow, workflowFile } from "../workflows/index.ts";
import { checkCaps } from "./check-caps.ts";
import { checkLimits } from "./check-limits.ts";
import { checkReach } from "./check-normalise.ts";
import { checkOrganisation } from "./check-organisation.ts";
import { testsOf } from "./check-policy-tests.ts";
import { checkRules } from "./check-rules.ts";
import { checkSet, checkText } from "./check-texts.ts";
import { checkTools } from "./check-tools.ts";
import { checkWorkflow } from "./check-workflow.ts";
import { findPlainSecrets } from "./credentials.ts";
import { type Draft, type Report, repeats, type Typed } from "./draft.ts";
import { explain } from "./explain.ts";
import { digestFiles, fileDigests, kindOf, organisationPath, type WorkspaceFiles } from "./files.ts";
import { problemAt, quoted, type WorkspaceProblem } from "./finding.ts";
import { type InvariantsFile, invariantsFile, writtenInvariants } from "./invariants.ts";
import { organisationFile } from "./organisation.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { policyTestsFile, type Request, requestFile } from "./policy-tests.ts";
import { type Packs, providedTools } from "./provided-tools.ts";
import type { InvariantsText, PolicyFile, Workspace } from "./workspace.ts";
import { readYaml } from "./yaml.ts";

export interface Checked {
  /** Only where there is no error: a workspace is never half right. */
  readonly workspace?: Workspace;
  /** In the order of files, lines and columns. */
  readonly problems: readonly WorkspaceProblem[];
}

const mostProblems = 100;

/** Reads and checks all files of a workspace together. Pure; never throws, whatever the texts hold. */
export function check(files: WorkspaceFiles, known: { readonly packs?: Packs } = {}): Checked {
  const problems = checkSet(files);
  if (problems.length > 0) return { problems: sorted(problems) };
  const paths = Object.keys(files).sort();
  const read = <T>(path: string, schema: z.ZodType<T>): Typed<T> | undefined =>
    readTyped(path, files[path] ?? "", schema, problems);
  const organisation = read(organisationPath, organisationFile);
  const workflows = ofKind(paths, "workflow").map((path) => read(path, workflowFile));
  const toolsFiles = ofKind(paths, "tools").map((path) => read(path, toolsFileSchema));
  const policies = ofKind(paths, "policy").map((path) => readPolicy(path, files[path] ?? "", problems));
  const [invariants] = ofKind(paths, "invariants").map((path) => read(path, invariantsFile));
  const tests = ofKind(paths, "tests").map((path) => read(path, policyTestsFile));
  if (organisation === undefined) return { problems: sorted(problems) };
  const draft: Draft = {
    organisation,
    workflows: workflows.filter((each) => each !== undefined),
    toolsFiles: toolsFiles.filter((each) => each !== undefined),
    workflowsAreComplete: !workflows.includes(undefined),
    toolsAreComplete: !toolsFiles.includes(undefined),
  };
  const report: Report = (source, path, complaint, part) => {
    if (problems.length > 2 * mostProblems) return;
    problems.push(problemAt(source.file, source.place(path, part), path, complaint));
  };
  checkTogether(draft, known.packs, report);
  if (invariants !== undefined) checkInvariants(invariants, report);
  const cases = testsOf(
    tests.filter((each) => each !== undefined),
    problems,
  );
  if (problems.some((problem) => problem.severity === "error")) return { problems: sorted(problems) };
  const inPlace = invariants === undefined ? undefined : invariantsOf(invariants, files[invariants.source.file] ?? "");
  return { workspace: { ...assemble(draft, policies, inPlace, files), tests: cases }, problems: sorted(problems) };
}

/** One call as a person wrote it down, as YAML or JSON. */
export function readRequest(
  file: string,
  text: string,
): { readonly request?: Request; readonly problems: readonly WorkspaceProblem[] } {
  const problems: WorkspaceProblem[] = [];
  const read = readTyped(file, text, requestFile, problems);
  return { ...(read === undefined ? {} : { request: read.value }), problems: sorted(problems) };
}

function ofKind(paths: readonly string[], kind: ReturnType<typeof kindOf>): readonly string[] {
  return paths.filter((path) => kindOf(path) === kind);
}

const outlines = new WeakMap<z.ZodType, Outline>();

function readTyped<T>(
  path: string,
  text: string,
  schema: z.ZodType<T>,
  problems: WorkspaceProblem[],
): Typed<T> | undefined {
  const inText = checkText(path, text);
  problems.push(...inText);
  // Other errors repeat what stands in the file: none are made of a file that may hold a credential.
  if (inText.length > 0) return undefined;
  const { source, problems: syntax } = readYaml(path, text);
  problems.push(...syntax);
  if (source === undefined) return undefined;
  const secrets = findPlainSecrets(source);
  problems.push(...secrets);
  if (secrets.length > 0) return undefined;
  const parsed = schema.safeParse(source.value);
  if (parsed.success) return { source, value: parsed.data };
  const outline = outlines.get(schema) ?? outlineOf(schema);
  outlines.set(schema, outline);
  problems.push(...explain(source, outline, parsed.error.issues));
  return undefined;
}

function readPolicy(file: string, text: string, problems: WorkspaceProblem[]): PolicyFile {
  problems.push(...checkText(file, text));
  return { file, text };
}

/** Two invariants of one name could not be told apart in a proof. */
function checkInvariants({ source, value }: Typed<InvariantsFile>, report: Report): void {
  for (const { name, index } of repeats(value.invariants.map((invariant) => invariant.name)))
    report(source, ["invariants", index, "name"], {
      message: `another invariant is called ${quoted(name)}`,
      expected: "each name once",
    });
}

function invariantsOf(typed: Typed<InvariantsFile>, text: string): InvariantsText {
  return { file: typed.source.file, text, list: writtenInvariants(typed, text) };
}

function checkTogether(draft: Draft, packs: Packs | undefined, report: Report): void {
  checkOrganisation(draft, report);
  const provided = providedTools(
    draft.toolsFiles.map((file) => file.value),
    packs,
  );
  for (const file of draft.toolsFiles) {
    checkTools(draft, file, packs, report);
    checkReach(file, packs, report);
  }
  for (const workflow of draft.workflows) {
    checkWorkflow(draft, workflow, report);
    checkRules(draft, workflow, provided, report);
    checkCaps(draft, workflow, packs, report);
    checkLimits(draft, workflow, packs, report);
  }
}

function assemble(
  draft: Draft,
  policies: readonly PolicyFile[],
  invariants: InvariantsText | undefined,
  files: WorkspaceFiles,
): Omit<Workspace, "tests"> {
  const { people, groups, agents, environments, ...organisation } = draft.organisation.value;
  const workflows: readonly Workflow[] = draft.workflows.map((each) => each.value);
  const toolsFiles: readonly ToolsFile[] = draft.toolsFiles.map((each) => each.value);
  return {
    organisation,
    people,
    groups,
    agents: agents.map((agent) => {
      const workflow = workflows.find((each) => each.agents.includes(agent.name));
      return workflow === undefined ? agent : { ...agent, workflow: workflow.name };
    }),
    environments,
    workflows,
    toolsFiles,
    policies,
    ...(invariants === undefined ? {} : { invariants }),
    files: fileDigests(files),
    digest: digestFiles(files),
  };
}

function sorted(problems: readonly WorkspaceProblem[]): readonly WorkspaceProblem[] {
  const inOrder = problems.toSorted((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
  return inOrder.slice(0, mostProblems);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
