/** What each state is called, and the shape that says it without its colour. */
const looks: Readonly<Record<string, readonly [shape: string, tone: string]>> = {
  received: ["○", "quiet"],
  held: ["◐", "held"],
  ready: ["◔", "allowed"],
  running: ["◔", "allowed"],
  done: ["●", "allowed"],
  failed: ["✕", "failed"],
  unknown: ["?", "unknown"],
  refused: ["⊘", "refused"],
  reversed: ["↺", "reversed"],
  stopped: ["■", "failed"],
  changed: ["≠", "held"],
  new: ["+", "held"],
  low: ["▽", "quiet"],
  medium: ["◇", "held"],
  high: ["▲", "failed"],
  kept: ["●", "allowed"],
  "at risk": ["◇", "held"],
  missed: ["✕", "failed"],
};

/** The class that gives a state its colour. */
export function tone(state: string): string {
  return looks[state]?.[1] ?? "quiet";
}

export function State({ of }: { readonly of: string }) {
  const [shape, tone] = looks[of] ?? ["·", "quiet"];
  return (
    <span className={`state ${tone}`}>
      <span aria-hidden="true">{shape}</span> {of}
    </span>
  );
}
