import { expect, it } from "vitest";
import { add, divide, floorTo, isLong, type Long, multiply, negate, remainder, subtract, toLong } from "./long.ts";

const [large, least, most] = [Number.MAX_SAFE_INTEGER, -(2n ** 63n), 2n ** 63n - 1n];

it("one integer has one form: a number where a double holds it exactly, and never a negative nothing", () => {
  const cases: readonly (readonly [Long, Long])[] = [
    [add(1, 2), 3],
    [add(large, 1), 2n ** 53n],
    [add(2n ** 53n, -1), large],
    [add(1, 2n ** 53n), 2n ** 53n + 1n],
    [add(5, -5), 0],
    [subtract(2, 5), -3],
    [subtract(-large, 1), -(2n ** 53n)],
    [subtract(2n ** 53n, 1), large],
    [subtract(5, 5), 0],
    [multiply(-3, 4), -12],
    [multiply(large, 2), 2n * BigInt(large)],
    [multiply(-1, 0), 0],
    [multiply(0, -(2n ** 60n)), 0],
    [negate(0), 0],
    [negate(7), -7],
    [negate(2n ** 60n), -(2n ** 60n)],
    [divide(-1, 2), 0],
    [divide(-7, 2), -3],
    [divide(7, 2), 3],
    [divide(-(2n ** 60n), 1024), -(2 ** 50)],
    [remainder(-86_400_000, 86_400_000), 0],
    [remainder(-1, 10), 9],
    [remainder(11, 10), 1],
    [remainder(2n ** 60n + 3n, 16), 3],
    [remainder(-(2n ** 60n) - 3n, 16), 13],
    [remainder(-(2n ** 60n), 16), 0],
    [floorTo(-1, 10), -10],
    [floorTo(20, 10), 20],
    [toLong(BigInt(large)), large],
    [toLong(BigInt(-large)), -large],
    [toLong(2n ** 53n), 2n ** 53n],
    [toLong(-(2n ** 53n)), -(2n ** 53n)],
    [toLong(most), most],
    [toLong(least), least],
  ];
  for (const [at, [is, wanted]] of cases.entries()) expect(Object.is(is, wanted), `${at}: ${is}`).toBe(true);
});

it("what 64 bits do not hold is a fault", () => {
  for (const beyond of [
    () => toLong(most + 1n),
    () => toLong(least - 1n),
    () => add(most, 1),
    () => subtract(least, 1),
    () => multiply(2n ** 62n, 2),
    () => negate(least),
    () => floorTo(least, 86_400_000),
  ])
    expect(beyond).toThrow("integer overflow");
  expect([isLong(1), isLong(1n), isLong("1"), isLong(undefined)]).toEqual([true, true, false, false]);
});
