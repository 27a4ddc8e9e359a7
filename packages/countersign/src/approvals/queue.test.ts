import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastOf, quantiles, queueOf, type Stay } from "./queue.ts";

const hourMs = 3_600_000;

/** Customers with random times between arrivals and of service, each served by whoever of `servers` is free first. */
function simulate(gapsMs: readonly number[], servicesMs: readonly number[], servers: number): readonly Stay[] {
  const freeAt = Array.from({ length: servers }, () => 0);
  let now = 0;
  return gapsMs.map((gap, index) => {
    now += gap;
    const at = freeAt.indexOf(Math.min(...freeAt));
    const endedMs = Math.max(now, freeAt[at] ?? 0) + (servicesMs[index] ?? 0);
    freeAt[at] = endedMs;
    return { askedMs: now, endedMs };
  });
}

/** A small generator with a seed, so that a run can be repeated. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const exponential = (next: () => number, mean: number): number => -Math.log(1 - next()) * mean;

describe("MT-10 the queue in front of people", () => {
  it("obeys Little's law for whatever comes and however it is served", () => {
    const times = fc.array(fc.tuple(fc.integer({ min: 0, max: hourMs }), fc.integer({ min: 1, max: 2 * hourMs })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 5 }), (pairs, servers) => {
        const stays = simulate(
          pairs.map(([gap]) => gap),
          pairs.map(([, service]) => service),
          servers,
        );
        const toMs = Math.max(...stays.map(({ endedMs = 0 }) => endedMs)) + 1;
        const queue = queueOf(stays, 0, toMs);
        expect(queue).toMatchObject({ open: 0, oldestMs: null, arrived: stays.length, ended: stays.length });
        const byLaw = (queue.arrivalsPerHour * (queue.meanWaitMs ?? 0)) / hourMs;
        expect(queue.meanWaiting).toBeCloseTo(byLaw, 9);
        const mean = stays.reduce((sum, { askedMs, endedMs = 0 }) => sum + endedMs - askedMs, 0) / stays.length;
        expect(queue.meanWaitMs).toBeCloseTo(mean, 3);
      }),
    );
  });

  it.each([
    { perHour: 12, people: 1, load: 0.5 },
    { perHour: 30, people: 1, load: 0.8 },
    { perHour: 20, people: 3, load: 0.7 },
  ])("is forecast as it comes to be: $people people, $load of what they can answer", ({ perHour, people, load }) => {
    const next = random(7 + people);
    const count = 60_000;
    const arrivals = perHour * people * load;
    const gaps = Array.from({ length: count }, () => exponential(next, hourMs / arrivals));
    const services = Array.from({ length: count }, () => exponential(next, hourMs / perHour));
    const stays = simulate(gaps, services, people);
    const queue = queueOf(stays, 0, Math.max(...stays.map(({ endedMs = 0 }) => endedMs)));
    const forecast = forecastOf(arrivals, perHour * people, people);
    expect(forecast.saturated).toBe(false);
    expect(forecast.waiting).toBeCloseTo((arrivals * (forecast.waitMs ?? 0)) / hourMs, 9);
    expect((forecast.waiting ?? 0) / queue.meanWaiting).toBeGreaterThan(0.9);
    expect((forecast.waiting ?? 0) / queue.meanWaiting).toBeLessThan(1.1);
  });

  it("is forecast to grow where more comes than can be answered, as it does", () => {
    const next = random(3);
    const gaps = Array.from({ length: 3_000 }, () => exponential(next, hourMs / 30));
    const services = Array.from({ length: 3_000 }, () => exponential(next, hourMs / 20));
    const stays = simulate(gaps, services, 1);
    const toMs = 90 * hourMs;
    const { open } = queueOf(stays, 0, toMs);
    const forecast = forecastOf(30, 20, 1);
    expect(forecast).toMatchObject({ saturated: true, waiting: null, growsPerHour: 10 });
    expect(open / 90).toBeGreaterThan(8);
    expect(open / 90).toBeLessThan(12);
    expect(forecast.sentence).toBe("saturated: 30 come an hour and 20 can be answered");
  });

  it("says that nobody knows where nobody answered, and counts what is open", () => {
    expect(forecastOf(3, null, 2)).toMatchObject({ waiting: null, saturated: false, utilisation: null });
    const queue = queueOf([{ askedMs: 10 }, { askedMs: 40, endedMs: 60 }, { askedMs: 1, endedMs: 5 }], 20, 100);
    expect(queue).toMatchObject({ open: 1, oldestMs: 90, arrived: 1, ended: 1, meanWaiting: (80 + 20) / 80 });
    expect(quantiles([])).toBeNull();
    expect(quantiles([4, 1, 3, 2])).toEqual({ p50: 2, p90: 4 });
  });
});
