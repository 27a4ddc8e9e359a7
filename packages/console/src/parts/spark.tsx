const [heightPx, barPx, stepPx] = [24, 4, 6];

/** A line of bars that shows how something went; whoever draws it has the same numbers in a table. */
export function Spark({ of }: { readonly of: readonly number[] }) {
  const most = Math.max(1, ...of);
  const width = of.length * stepPx;
  return (
    <svg className="spark" aria-hidden="true" width={width} height={heightPx} viewBox={`0 0 ${width} ${heightPx}`}>
      <line x1={0} x2={width} y1={heightPx - 0.5} y2={heightPx - 0.5} />
      {of.map((value, at) => {
        // What is there at all can be seen.
        const tall = value === 0 ? 0 : Math.max(2, Math.round((value / most) * heightPx));
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is named by its place
        return <rect key={at} x={at * stepPx} y={heightPx - tall} width={barPx} height={tall} />;
      })}
    </svg>
  );
}
