import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forecastOf, quantiles, queueOf, type Stay, waitingOver } from "./queue.ts";

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

describe("how many waited hour by hour", () => {
  it("is what waited in each, by the time that it did", () => {
    const stays = [{ askedMs: 0.5 * hourMs, endedMs: 2.25 * hourMs }, { askedMs: 2 * hourMs }, { askedMs: 9 * hourMs }];
    expect(waitingOver(stays, 0, 4 * hourMs, 4)).toEqual([0.5, 1, 1.25, 1]);
    expect(waitingOver([], 0, 4 * hourMs, 4)).toEqual([0, 0, 0, 0]);
  });

  it("adds up to what waited over the whole window", () => {
    const stay = fc.tuple(fc.integer({ min: -5 * hourMs, max: 30 * hourMs }), fc.integer({ min: 0, max: 9 * hourMs }));
    fc.assert(
      fc.property(fc.array(stay, { maxLength: 50 }), fc.boolean(), (pairs, isOpen) => {
        const stays = pairs.map(([askedMs, ms]) => (isOpen ? { askedMs } : { askedMs, endedMs: askedMs + ms }));
        const parts = waitingOver(stays, 0, 24 * hourMs, 24);
        const mean = parts.reduce((sum, one) => sum + one, 0) / 24;
        expect(mean).toBeCloseTo(queueOf(stays, 0, 24 * hourMs).meanWaiting, 6);
      }),
    );
  });
});

describe("what a window shows of a queue", () => {
  const [fromMs, toMs] = [hourMs, 3 * hourMs];
  const show = (...stays: readonly Stay[]) => queueOf(stays, fromMs, toMs);
  const nothing = {
    ...{ open: 0, oldestMs: null, arrived: 0, ended: 0, arrivalsPerHour: 0, meanWaiting: 0 },
    ...{ meanWaitMs: null, waitMs: null },
  };

  it("is nothing of what ended before it or came after it", () => {
    expect(show()).toEqual(nothing);
    expect(
      show({ askedMs: 0, endedMs: fromMs - 1 }, { askedMs: toMs }, { askedMs: toMs + 1, endedMs: toMs + 2 }),
    ).toEqual(nothing);
  });

  it("is all of one that came and ended within it, at its ends too", () => {
    expect(show({ askedMs: fromMs, endedMs: toMs })).toEqual({
      ...{ open: 0, oldestMs: null, arrived: 1, ended: 1, arrivalsPerHour: 0.5, meanWaiting: 1 },
      ...{ meanWaitMs: 2 * hourMs, waitMs: { p50: 2 * hourMs, p90: 2 * hourMs } },
    });
  });

  it("is that part of a wait that lies within it; what came before it did not arrive", () => {
    expect(show({ askedMs: fromMs - hourMs, endedMs: fromMs + hourMs })).toEqual({
      ...nothing,
      ...{ ended: 1, meanWaiting: 0.5, waitMs: { p50: 2 * hourMs, p90: 2 * hourMs } },
    });
    expect(show({ askedMs: fromMs - hourMs, endedMs: fromMs })).toEqual({
      ...nothing,
      ...{ ended: 1, waitMs: { p50: hourMs, p90: hourMs } },
    });
  });

  it("counts as open what ends after it or not at all, and tells how long the oldest waits", () => {
    expect(show({ askedMs: 2 * hourMs }, { askedMs: 0, endedMs: toMs + 1 }, { askedMs: 1.5 * hourMs })).toEqual({
      ...{ open: 3, oldestMs: 3 * hourMs, arrived: 2, ended: 0, arrivalsPerHour: 1 },
      ...{ meanWaiting: (1 + 2 + 1.5) / 2, meanWaitMs: (4.5 * hourMs) / 2, waitMs: null },
    });
  });

  it("tells the middle of all waits and what nine of ten do not exceed", () => {
    const waits = (count: number) => Array.from({ length: count }, (_, at) => 100 - at);
    expect(quantiles(waits(1))).toEqual({ p50: 100, p90: 100 });
    expect(quantiles(waits(2))).toEqual({ p50: 99, p90: 100 });
    expect(quantiles(waits(10))).toEqual({ p50: 95, p90: 99 });
    expect(quantiles(waits(11))).toEqual({ p50: 95, p90: 99 });
    expect(quantiles([10, 9, 100])).toEqual({ p50: 10, p90: 100 });
  });
});

describe("what will wait", () => {
  const unknown = {
    ...{ utilisation: null, saturated: false, waiting: null, waitMs: null, growsPerHour: 0 },
    sentence: "nobody has answered enough to say what can be answered",
  };

  it.each([
    [3, null, 2],
    [3, 0, 2],
    [3, -1, 2],
    [3, 10, 0],
  ] as const)("is not known of %d an hour where people answer %s and are %d", (arrivals, service, people) => {
    expect(forecastOf(arrivals, service, people)).toEqual({
      ...unknown,
      arrivalsPerHour: arrivals,
      servicePerHour: service,
    });
  });

  it("is known from the least that anybody answers", () => {
    expect(forecastOf(0.25, 0.5, 1)).toMatchObject({ utilisation: 0.5, saturated: false });
    expect(forecastOf(0.25, 0.5, 1).waiting).toBeCloseTo(1, 9);
  });

  // By hand: one person is M/M/1, where a visit takes 1 / (service - arrivals); C(2, 1) = 1/3 and C(3, 2) = 4/9.
  it.each([
    { arrivals: 6, service: 12, people: 1, hours: 1 / 6 },
    { arrivals: 9, service: 12, people: 1, hours: 1 / 3 },
    { arrivals: 12, service: 24, people: 2, hours: 1 / 3 / 12 + 1 / 12 },
    { arrivals: 20, service: 30, people: 3, hours: 4 / 9 / 10 + 1 / 10 },
    { arrivals: 0, service: 10, people: 2, hours: 1 / 5 },
  ])("is by Erlang's formula with $arrivals of $service an hour and $people people", (one) => {
    const { arrivals, service, people, hours } = one;
    const forecast = forecastOf(arrivals, service, people);
    expect(forecast.waitMs).toBeCloseTo(hours * hourMs, 3);
    expect(forecast.waiting).toBeCloseTo(arrivals * hours, 9);
    expect(forecast).toMatchObject({
      ...{ arrivalsPerHour: arrivals, servicePerHour: service, utilisation: arrivals / service },
      ...{ saturated: false, growsPerHour: 0 },
    });
  });

  it("is said in a sentence", () => {
    expect(forecastOf(9, 12, 1).sentence).toBe("75 % of what can be answered comes in; about 3 will wait");
    expect(forecastOf(12, 24, 2).sentence).toBe("50 % of what can be answered comes in; about 1.3 will wait");
  });

  it("has no end once as many come as can be answered", () => {
    expect(forecastOf(12, 12, 1)).toEqual({
      ...{ arrivalsPerHour: 12, servicePerHour: 12, utilisation: 1, saturated: true, waiting: null, waitMs: null },
      ...{ growsPerHour: 0, sentence: "saturated: 12 come an hour and 12 can be answered" },
    });
    expect(forecastOf(12.34, 10.06, 1)).toMatchObject({
      ...{ utilisation: 12.34 / 10.06, saturated: true },
      sentence: "saturated: 12.3 come an hour and 10.1 can be answered",
    });
  });
});
