import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { count } from "../parts/machine.tsx";
import { labelled, lengthOf, type Stretch } from "./stretch.ts";

const [heightPx, labelPx, besidePx, asidePx] = [132, 64, 76, 24];
const [second, minute, hour] = [1_000, 60_000, 3_600_000];
/** Steps that people read a clock by. */
const steps = [
  ...[1, 2, 5, 10, 15, 30].flatMap((many) => [many * second, many * minute]),
  ...[1, 2, 4, 8, 12, 24, 48, 96, 168, 336, 720].map((many) => many * hour),
].sort((one, other) => one - other);
const counts = [1, 2, 5].flatMap((one) => [0, 1, 2, 3, 4].map((power) => one * 10 ** power)).sort((a, b) => a - b);

interface Shown {
  readonly stretches: readonly Stretch[];
  readonly zone: string;
}

/** What was answered as bars, and the median and p90 of the time it took as lines. The table beside it says the same. */
export default function AnsweredPlot({ stretches, zone }: Shown) {
  return (
    <div className="plots" aria-hidden="true">
      <p className="quiet">Answered</p>
      <Drawn stretches={stretches} zone={zone} of={answered} />
      <p className="quiet">Time to decide</p>
      <Drawn stretches={stretches} zone={zone} of={decided} />
    </div>
  );
}

const inks = ["accent", "ink", "quiet", "line", "paper"] as const;
type Ink = (name: (typeof inks)[number]) => string;
type Plotted = (
  stretches: readonly Stretch[],
  ink: Ink,
) => Pick<uPlot.Options, "series" | "scales" | "axes"> & {
  readonly data: uPlot.AlignedData;
};

/** One plot, as wide as its box, in the colours that the page has now. */
function Drawn({ stretches, zone, of }: Shown & { readonly of: Plotted }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = ref.current;
    if (box === null) return;
    // A custom property says `light-dark(…)`; only a colour that an element has is one that a canvas takes.
    const ink: Ink = (name) => getComputedStyle(box.querySelector(`[data-ink=${name}]`) ?? box).color;
    const { data, ...plotted } = of(stretches, ink);
    const plot = new uPlot(
      {
        width: box.clientWidth,
        height: heightPx,
        // The last day's label stands half beside its place.
        padding: [8, asidePx, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        ...plotted,
        axes: [days(stretches, zone, ink), ...(plotted.axes ?? [])],
        scales: { x: { time: false, range: [-0.5, stretches.length - 0.5] }, ...plotted.scales },
      },
      data,
      box,
    );
    const fit = new ResizeObserver(() => {
      if (box.clientWidth > 0 && box.clientWidth !== plot.width)
        plot.setSize({ width: box.clientWidth, height: heightPx });
    });
    fit.observe(box);
    const looks = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
    const redraw = (): void => plot.redraw();
    for (const look of looks) look.addEventListener("change", redraw);
    return () => {
      for (const look of looks) look.removeEventListener("change", redraw);
      fit.disconnect();
      plot.destroy();
    };
  }, [stretches, zone, of]);
  return (
    <div className="plot" ref={ref}>
      {inks.map((name) => (
        <span key={name} hidden data-ink={name} />
      ))}
    </div>
  );
}

const answered: Plotted = (stretches, ink) => ({
  data: [places(stretches), stretches.map(({ questions }) => questions)],
  scales: { y: { range: (_, _least, most) => [0, Math.max(1, most)] } },
  axes: [beside(ink, counts, (value) => count(value))],
  series: [
    {},
    {
      fill: () => ink("accent"),
      width: 0,
      points: { show: false },
      ...(uPlot.paths.bars === undefined ? {} : { paths: uPlot.paths.bars({ size: [0.6, 24] }) }),
    },
  ],
});

const decided: Plotted = (stretches, ink) => ({
  data: [
    places(stretches),
    stretches.map(({ decideMs }) => decideMs?.p90 ?? null),
    stretches.map(({ decideMs }) => decideMs?.p50 ?? null),
  ],
  scales: { y: { range: (_, _least, most) => [0, Math.max(second, most)] } },
  axes: [beside(ink, steps, (value) => (value === 0 ? "0" : lengthOf(value)))],
  series: [
    {},
    { stroke: () => ink("accent"), width: 2, dash: [6, 4], points: { show: true, size: 7, fill: () => ink("paper") } },
    // Above the other, and smaller: where both are one, both are seen.
    { stroke: () => ink("ink"), width: 2, points: { show: true, size: 5, fill: () => ink("ink") } },
  ],
});

function places(stretches: readonly Stretch[]): number[] {
  return stretches.map((_, at) => at);
}

function days(stretches: readonly Stretch[], zone: string, ink: Ink): uPlot.Axis {
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, day: "numeric", month: "short" });
  return {
    ...drawnIn(ink),
    size: 28,
    grid: { show: false },
    splits: ({ width }) => [...labelled(stretches.length, width - besidePx - asidePx, labelPx)],
    values: (_, splits) => splits.map((at) => format.format(Date.parse(stretches[at]?.since ?? ""))),
  };
}

function beside(ink: Ink, incrs: number[], words: (value: number) => string): uPlot.Axis {
  return { ...drawnIn(ink), size: besidePx, space: 28, incrs, values: (_, splits) => splits.map(words) };
}

function drawnIn(ink: Ink): uPlot.Axis {
  return {
    stroke: () => ink("quiet"),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: () => ink("line"), width: 1 },
    ticks: { stroke: () => ink("line"), width: 1, size: 4 },
  };
}
