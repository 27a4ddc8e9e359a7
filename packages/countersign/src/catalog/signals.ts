import type { Json, JsonObject } from "@countersign/contract";
import { isRecord, uncleanMember } from "./normalise/shape.ts";
import type { Wanted } from "./normalise/wanted.ts";

/** What a call touches that makes it another class of risk, from its normalised arguments. Closed list. */
export const signalNames = [
  /** Files that say what machines and services there are. */
  "infrastructure",
  /** Files that say what runs by itself, with whose rights. */
  "pipeline",
  /** Who may do what. */
  "permissions",
  /** What reaches what. */
  "network",
  /** An argument that a policy could judge is not clean, so nobody knows what it touches. */
  "unreadable",
  /** Any of the others. */
  "high-risk",
] as const;
/** Beside these, of an undo: its target is not for certain as the deed left it, and what others did would go with it. */
export const changedSinceSignal = "changed-since";
export type Signal = (typeof signalNames)[number];

/** What a path means by a folder on its way, or by its last name. In lower case: a file system may ignore case. */
interface Touch {
  readonly signal: Signal;
  /** Two folders in a row are written `a/b`. */
  readonly folders: ReadonlySet<string>;
  /** The first of two, where it is the last name: what comes to lie there brings the second along. */
  readonly halves: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** Anchored, or without a repetition: linear in the name. */
  readonly name: RegExp;
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const touches: readonly Touch[] = (
  [
    {
      signal: "pipeline",
      folders: set(
        ".github/workflows .github/actions .gitlab/ci .git/hooks .git/config .git/modules .circleci .buildkite .woodpecker .husky .tekton",
      ),
      names: set(
        ".drone.yml .drone.yaml .travis.yml .travis.yaml .woodpecker.yml .woodpecker.yaml action.yml action.yaml",
      ),
      name: /^(?:\.gitlab-ci|azure-pipelines|bitbucket-pipelines|cloudbuild|\.pre-commit-config).*\.ya?ml$|^jenkinsfile/,
    },
    {
      signal: "infrastructure",
      folders: set("k8s kubernetes manifests helm charts terraform ansible argocd flux"),
      names: set("kustomization.yml kustomization.yaml chart.yml chart.yaml serverless.yml serverless.yaml"),
      name: /\.(?:tf|tfvars|tofu|hcl|bicep|nomad)(?:\.json)?$|\.cfn\.(?:ya?ml|json)$|dockerfile|^(?:docker-)?compose.*\.ya?ml$|^(?:helmfile|pulumi).*\.ya?ml$/,
    },
    {
      signal: "permissions",
      folders: set("rbac iam sudoers.d"),
      names: set("codeowners sudoers authorized_keys dependabot.yml dependabot.yaml"),
      name: /(?:^|[._-])(?:rbac|iam)(?:[._-]|$)|role-?binding|service-?account/,
    },
  ] satisfies readonly Omit<Touch, "halves">[]
).map((touch) => ({ ...touch, halves: halvesOf(touch.folders) }));

function halvesOf(folders: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...folders].filter((one) => one.includes("/")).map((one) => one.slice(0, one.indexOf("/"))));
}

const permissionGroups = set(
  "rbac.authorization.k8s.io iam.cnrm.cloud.google.com iam.aws.crossplane.io authorization.openshift.io " +
    "security.openshift.io user.openshift.io oauth.openshift.io",
);
/** What the baseline of Kubernetes' own pod security standards lets a container add. */
const harmless = set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT",
);
const permissionKinds =
  /^(?:Mutating|Validating)?(?:WebhookConfiguration|AdmissionPolicy(?:Binding)?)$|^(?:(?:Cluster)?Role(?:Binding)?|SecurityContextConstraints|ServiceAccount|CertificateSigningRequest|APIService|CustomResourceDefinition)$/;
const networkKinds = new Set(["NetworkPolicy", "Ingress", "IngressClass", "Service", "Gateway", "HTTPRoute"]);

/** Sorted. Empty where nothing that is known to be of a higher class is touched. */
export function signalsOf(wanted: { readonly [name: string]: Wanted }, parsed: JsonObject): readonly Signal[] {
  const found = new Set<Signal>();
  for (const [name, want] of Object.entries(wanted)) {
    const value = Object.hasOwn(parsed, name) ? parsed[name] : undefined;
    if (!isRecord(value)) continue;
    if (Object.hasOwn(value, uncleanMember)) found.add("unreadable");
    else for (const signal of ofValue(want, value)) found.add(signal);
  }
  if (found.size > 0) found.add("high-risk");
  return signalNames.filter((name) => found.has(name)).sort();
}

function ofValue({ as }: Wanted, value: JsonObject): readonly Signal[] {
  switch (as) {
    case "path":
      return ofPaths(texts(value.paths));
    case "kubernetes":
      return ofObjects(value);
    case "terraform":
      return [
        "infrastructure",
        ...(value.permissions === true ? (["permissions"] as const) : []),
        ...(value.network === true ? (["network"] as const) : []),
      ];
    case "sql":
      return value.permissions === true ? ["permissions"] : [];
    case "url":
    case "email":
    case "money":
      return [];
  }
}

function ofPaths(paths: readonly string[]): readonly Signal[] {
  const split = paths.map((path) => path.toLowerCase().slice(1).split("/"));
  return touches.filter((touch) => split.some((segments) => isTouched(touch, segments))).map((touch) => touch.signal);
}

/** A folder that is itself written, moved or deleted counts like what is in it, and one that holds such a folder too. */
function isTouched({ folders, halves, names, name }: Touch, segments: readonly string[]): boolean {
  const last = segments.at(-1) ?? "";
  return (
    names.has(last) ||
    halves.has(last) ||
    name.test(last) ||
    segments.some((one, at) => folders.has(one) || folders.has(`${one}/${segments[at + 1] ?? ""}`))
  );
}

function ofObjects(value: JsonObject): readonly Signal[] {
  const kinds = texts(value.kinds);
  const rights =
    texts(value.groups).some((group) => permissionGroups.has(group)) ||
    kinds.some((kind) => permissionKinds.test(kind)) ||
    texts(value.capabilities).some((name) => !harmless.has(name)) ||
    [value.privileged, value.hostPath, value.hostNetwork, value.hostNamespaces].includes(true);
  return [
    "infrastructure",
    ...(rights ? (["permissions"] as const) : []),
    ...(kinds.some((kind) => networkKinds.has(kind)) ? (["network"] as const) : []),
  ];
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
