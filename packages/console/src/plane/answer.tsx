const looks = {
  allow: ["●", "allowed", "may"],
  require: ["◐", "held", "must ask"],
  deny: ["⊘", "refused", "may not"],
  depends: ["◇", "quiet", "depends on the call"],
} as const;

/** The engine's answer in words, a shape and a colour. */
export function Answer({ of }: { readonly of: keyof typeof looks }) {
  const [shape, tone, words] = looks[of];
  return (
    <span className={`state ${tone}`}>
      <span aria-hidden="true">{shape}</span> {words}
    </span>
  );
}
