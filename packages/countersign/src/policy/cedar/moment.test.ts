import { expect, it } from "vitest";
import { parseDatetime, parseDuration } from "./moment.ts";

it("a moment is the milliseconds since 1970, on whatever clock it is written", () => {
  for (const [text, utc] of [
    ["1970-01-01", "1970-01-01T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2024-02-29T13:14:15Z", "2024-02-29T13:14:15.000Z"],
    ["2024-02-29T13:14:15.016Z", "2024-02-29T13:14:15.016Z"],
    ["2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"],
    ["2024-03-01T00:30:00+0145", "2024-02-29T22:45:00.000Z"],
    ["2024-02-29T22:15:30.5Z".replace(".5", ".500"), "2024-02-29T22:15:30.500Z"],
    ["2024-02-29T22:15:30-0145", "2024-03-01T00:00:30.000Z"],
    ["2024-02-29T12:00:00+2359", "2024-02-28T12:01:00.000Z"],
    ["0099-12-31", "0099-12-31T00:00:00.000Z"],
    ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
  ] as const)
    expect(parseDatetime(text).ms, text).toBe(Date.parse(utc));
});

it("what is no day or no time of one is no moment, and why is said", () => {
  for (const text of [
    "",
    "2024-2-29",
    "2024-02-29T12:00Z",
    "2024-02-29T12:00:00",
    "2024-02-29T12:00:00.5Z",
    "x2024-02-29",
  ])
    expect(() => parseDatetime(text), text).toThrow("it is no datetime");
  for (const time of ["24:00:00Z", "23:60:00Z", "23:59:60Z", "12:00:00+2400", "12:00:00+0060"])
    expect(() => parseDatetime(`2024-02-29T${time}`), time).toThrow("it is no time of a day");
  for (const day of ["2023-02-29", "2024-04-31", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32"])
    expect(() => parseDatetime(day), day).toThrow("there is no such day");
});

it("a length of time is the sum of its parts, each at most once, in order", () => {
  for (const [text, ms] of [
    ["1ms", 1],
    ["1s", 1_000],
    ["1m", 60_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["2d3h4m5s6ms", 183_845_006],
    ["-1h30m", -5_400_000],
    ["0d", 0],
    ["-0ms", 0],
    ["9223372036854775807ms", 2n ** 63n - 1n],
  ] as const)
    expect(Object.is(parseDuration(text).ms, ms), text).toBe(true);
  for (const text of ["", "-", "1", "1h1d", "1s1s", "1.5h", "+1d", "1d ", "1x"])
    expect(() => parseDuration(text), text).toThrow("it is no duration");
  expect(() => parseDuration("9223372036854775808ms")).toThrow("integer overflow");
});
