const named =
  /(?:^|[^a-z])(?:token|secret|password|passwd|passphrase|pwd|pat|apikey|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|auth|authorization|credentials?|cookie|session|signature|sig|dsn|connection[-_ ]?string|database[-_ ]?url)(?:$|[^a-z])/i;

/** Whether a variable, header, flag or query member is named like something that holds a credential. */
export function isSecretName(name: string): boolean {
  // camelCase and runs such as GITHUBTOKEN: words that end in one of the names count too.
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  return (
    named.test(spaced) || /(?:token|secret|password|apikey|_key|-key)$/i.test(name) || /^(?:key|code)$/i.test(name)
  );
}

const shapes = [
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|rk_|sk_|npm_|hf_|AKIA|ASIA|AIza|SG\.|shpat_|dop_v1_|lin_api_|ntn_|secret_)[A-Za-z0-9_\-.]{8,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:Bearer|Basic|Token)\s+\S{6,}/i,
  // scheme://user:password@host
  /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i,
  /\b[0-9a-f]{32,}\b/i,
  // What a client asks its person for, or takes from its own environment; nothing here fills it in.
  /\$\{(?:input|env):/,
];

/** Whether a text looks like, or holds, a credential. In doubt it does: a wrong guess costs one `secret put`. */
export function holdsCredential(text: string): boolean {
  if (shapes.some((shape) => shape.test(text))) return true;
  return text.split(/[^A-Za-z0-9+/_=-]+/).some((run) => run.length >= 24 && !run.includes("/") && isDense(run));
}

/** The scheme that stands before a credential in a header, with its blank. */
export function prefixOf(value: string): string {
  return /^(?:Bearer|Basic|Token)\s+/i.exec(value)?.[0] ?? "";
}

/** Bits for each character, by frequency: words and paths stay below what random text has. */
function isDense(run: string): boolean {
  const counts = new Map<string, number>();
  for (const character of run) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / run.length) * Math.log2(count / run.length);
  return bits > 3.6 && /\d/.test(run) && /[A-Za-z]/.test(run);
}
