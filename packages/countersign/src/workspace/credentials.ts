import { type Path, type Place, problemAt, quoted, type WorkspaceProblem } from "./finding.ts";
import type { SourceFile } from "./yaml.ts";

/** Shapes of credentials that their issuers made recognisable. Each is linear: no part may match what the next can. */
const shapes: readonly { readonly kind: string; readonly form: RegExp }[] = [
  { kind: "a private key", form: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g },
  { kind: "an age key", form: /AGE-SECRET-KEY-1[A-Z0-9]{20,}/g },
  { kind: "a Countersign key", form: /\bcs[kpls]_[0-9a-z]{26}_[0-9A-Za-z]{20,}/g },
  { kind: "an AWS key id", form: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: "a GitHub token", form: /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})/g },
  { kind: "a GitLab token", form: /\bgl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,}/g },
  { kind: "a Slack token", form: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  { kind: "a Slack webhook", form: /hooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{16,}/g },
  { kind: "an API key", form: /\b(?:sk|rk)[-_](?:ant-[a-z0-9]{1,8}-|proj-|live_|test_)?[A-Za-z0-9]{20,}/g },
  { kind: "a Google key", form: /\bAIza[A-Za-z0-9_-]{35}/g },
  { kind: "an npm token", form: /\bnpm_[A-Za-z0-9]{36}/g },
  { kind: "a SendGrid key", form: /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}/g },
  { kind: "a JSON web token", form: /\beyJ[A-Za-z0-9_-]{8,512}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,}/g },
  { kind: "a password in an address", form: /:\/\/[^\s:/@]{1,64}:[^\s:/@]{1,128}@/g },
];

const help =
  "take it out of the file and its history, replace it at its issuer, and keep the new one in the secret store";
const mostFound = 10;

/** Credentials that stand in a text. What was found is never repeated: only its kind and its place. */
export function findCredentials(file: string, text: string): WorkspaceProblem[] {
  const found: WorkspaceProblem[] = [];
  for (const { kind, form } of shapes) {
    for (const match of text.matchAll(form)) {
      if (found.length >= mostFound) return found;
      found.push(
        problemAt(file, placeIn(text, match.index), [], {
          message: `this looks like ${kind}`,
          expected: "no credential in a workspace file",
          help,
        }),
      );
    }
  }
  return found;
}

/** References to secrets in a file that may not hold any: only `tools/*.yaml` may. */
export function findReferences(file: string, text: string): WorkspaceProblem[] {
  if (/^tools\/[^/]+\.yaml$/.test(file)) return [];
  return [...text.matchAll(/\bsecret:\/\//g)].slice(0, mostFound).map((match) =>
    problemAt(file, placeIn(text, match.index), [], {
      message: "a reference to a secret stands here",
      expected: "`secret://name` in files under `tools/` only",
      help: "move it to the tools file of the server that needs it",
    }),
  );
}

const secretKey = /(?:token|secret|password|passwd|passphrase|api[-_]?key|authorization)$/i;

/** Plain values under a key that is named after a credential. */
export function findPlainSecrets(source: SourceFile): WorkspaceProblem[] {
  const found: WorkspaceProblem[] = [];
  const walk = (value: unknown, path: Path): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (isPlainSecret(key, inner) && found.length < mostFound) {
        found.push(
          problemAt(source.file, source.place(at), at, {
            message: `${quoted(key)} holds its value in the clear`,
            expected: "`secret://name`",
            help,
          }),
        );
      } else walk(inner, at);
    }
  };
  walk(source.value, []);
  return found;
}

function isPlainSecret(key: string, value: unknown): boolean {
  if (typeof value !== "string" || !secretKey.test(key)) return false;
  return value.length >= 8 && !value.startsWith("secret://") && !value.includes("{{");
}

export function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
