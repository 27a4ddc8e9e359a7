import { type Paint, paintFor } from "../../packages/countersign/src/doors/cli/paint.ts";

/** A page that is read while it is written: short lines, aligned, plain where nobody watches. */
export class Screen {
  readonly paint: Paint = paintFor(process.stdout.isTTY === true, process.env);
  #station = 0;

  line(text = ""): void {
    process.stdout.write(`${text}\n`);
  }

  /** A new station of the tour: what is asked of the plane. */
  station(title: string): void {
    this.#station += 1;
    this.line();
    this.line(this.paint.bold(`${String(this.#station).padStart(2)}  ${title}`));
  }

  /** What came of it. `ms` stands at the right, where the eye finds all of them. */
  said(who: string, what: string, ms?: number): void {
    const left = `    ${this.paint.dim(who.padEnd(8))} ${what}`;
    if (ms === undefined) {
      this.line(left);
      return;
    }
    const width = 4 + 8 + 1 + what.length;
    const time = ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
    this.line(`${left}${" ".repeat(Math.max(2, 88 - width - time.length))}${this.paint.dim(time)}`);
  }

  seen(what: string): void {
    this.line(`    ${this.paint.good("✓")}${" ".repeat(8)}${what}`);
  }
}

/** How long something took, beside what it gave. */
export async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const value = await work();
  return [value, performance.now() - started];
}
