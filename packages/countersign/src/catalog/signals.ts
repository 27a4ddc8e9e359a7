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
export type Signal = (typeof signalNames)[number];

type Touch = { readonly signal: Signal; readonly path: RegExp };

// Paths in lower case, each with a leading slash.
const touches: readonly Touch[] = [
  {
    signal: "pipeline",
    path: /\/(?:\.github\/(?:workflows|actions)(?:\/|$)|\.gitlab-ci\.ya?ml$|\.gitlab\/ci(?:\/|$)|\.circleci(?:\/|$)|\.buildkite(?:\/|$)|\.woodpecker(?:\/|\.ya?ml$)|\.drone\.ya?ml$|\.travis\.ya?ml$|azure-pipelines[^/]*\.ya?ml$|bitbucket-pipelines\.ya?ml$|jenkinsfile[^/]*$|cloudbuild[^/]*\.ya?ml$|\.pre-commit-config\.ya?ml$|\.husky(?:\/|$)|\.git\/hooks(?:\/|$)|\.tekton(?:\/|$))/,
  },
  {
    signal: "infrastructure",
    path: /\/(?:[^/]+\.(?:tf|tfvars|tofu|hcl|bicep|nomad)(?:\.json)?$|[^/]*dockerfile[^/]*$|(?:docker-)?compose[^/]*\.ya?ml$|kustomization\.ya?ml$|chart\.ya?ml$|helmfile[^/]*\.ya?ml$|pulumi[^/]*\.ya?ml$|serverless\.ya?ml$|(?:k8s|kubernetes|manifests|helm|charts|terraform|ansible|argocd|flux)(?:\/|$)|[^/]*\.cfn\.(?:ya?ml|json)$)/,
  },
  {
    signal: "permissions",
    path: /\/(?:codeowners$|\.github\/(?:settings|dependabot)\.ya?ml$|(?:[^/]*[._-])?(?:rbac|iam)(?:[._-][^/]*)?(?:\/|$)|[^/]*(?:role-?binding|service-?account)[^/]*$|sudoers(?:\.d)?(?:\/|$)|authorized_keys$)/,
  },
];

const permissionGroups = new Set(["rbac.authorization.k8s.io", "iam.cnrm.cloud.google.com", "iam.aws.crossplane.io"]);
const permissionKinds =
  /^(?:Mutating|Validating)?(?:WebhookConfiguration|AdmissionPolicy(?:Binding)?)$|^(?:ServiceAccount|CertificateSigningRequest|APIService|CustomResourceDefinition)$/;
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
      return texts(value.verbs).includes("grant") ? ["permissions"] : [];
    case "url":
    case "email":
    case "money":
      return [];
  }
}

/** By the whole path, and lower case: a file system may ignore case. */
function ofPaths(paths: readonly string[]): readonly Signal[] {
  const lower = paths.map((path) => path.toLowerCase());
  return touches.filter((touch) => lower.some((path) => touch.path.test(path))).map((touch) => touch.signal);
}

function ofObjects(value: JsonObject): readonly Signal[] {
  const kinds = texts(value.kinds);
  const rights =
    texts(value.groups).some((group) => permissionGroups.has(group)) ||
    kinds.some((kind) => permissionKinds.test(kind)) ||
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
