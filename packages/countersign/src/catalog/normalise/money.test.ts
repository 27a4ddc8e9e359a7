import type { Json } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";
import type { Wanted } from "./wanted.ts";

const major: Wanted = { as: "money", unit: "major", currency: "EUR" };
const minor: Wanted = { as: "money", unit: "minor", currency: "EUR" };

describe("money", () => {
  it.each<[Json, Wanted, number, string]>([
    ["12.50", major, 1_250, "EUR"],
    ["12.5", major, 1_250, "EUR"],
    ["12", major, 1_200, "EUR"],
    ["12.50 EUR", { as: "money" }, 1_250, "EUR"],
    ["USD 0.01", { as: "money" }, 1, "USD"],
    ["500 JPY", { as: "money" }, 500, "JPY"],
    ["1.005 KWD", { as: "money" }, 1_005, "KWD"],
    [12, major, 1_200, "EUR"],
    [1_250, minor, 1_250, "EUR"],
    ["1250", minor, 1_250, "EUR"],
    [{ amount: 1_250, currency: "EUR" }, { as: "money", unit: "minor" }, 1_250, "EUR"],
    [{ value: "10.00", currency_code: "USD" }, { as: "money" }, 1_000, "USD"],
    ["90071992547409.91 EUR", { as: "money" }, Number.MAX_SAFE_INTEGER, "EUR"],
    [0, minor, 0, "EUR"],
  ])("%j is counted exactly", (value, want, minorUnits, currency) => {
    expect(read(want, value)).toEqual({ minor: minorUnits, currency });
  });

  it.each<[string, Json, Wanted]>([
    ["a number with a fraction", 12.5, major],
    ["a number with a fraction of minor units", 12.5, minor],
    ["a number of a unit that is not declared", 12, { as: "money", currency: "EUR" }],
    ["more places than the currency has", "12.505", major],
    ["places of a currency without any", "5.0 JPY", { as: "money" }],
    ["minor units with places", "12.5", minor],
    ["a negative number", -1, minor],
    ["a negative text", "-1.00", major],
    ["a plus", "+1", major],
    ["an exponent", "1e3", major],
    ["a separator", "1,000.00", major],
    ["a decimal comma", "12,50", major],
    ["a leading zero", "0012", major],
    ["a hexadecimal number", "0x10", major],
    ["digits of another script", "١٢", major],
    ["no currency", "12", { as: "money" }],
    ["two currencies", "12 USD", major],
    ["two currencies in one text", "EUR 12 USD", { as: "money" }],
    ["a currency that nobody knows", "12 XYZ", { as: "money" }],
    ["a currency in lower case", "12 eur", { as: "money" }],
    ["a sign", "€12", major],
    ["too much", "90071992547409.92 EUR", { as: "money" }],
    ["whole units that are too many", Number.MAX_SAFE_INTEGER, major],
    ["two amounts", { amount: 1, value: 2, currency: "EUR" }, minor],
    ["a third member", { amount: 1, currency: "EUR", scale: 3 }, minor],
    ["only an amount", { amount: 1 }, minor],
    ["a blank", "12 ", major],
    ["infinity", "Infinity", major],
  ])("%s is none", (_, value, want) => {
    expect(read(want, value)).toBeTypeOf("string");
  });

  it("takes its currency from another argument", () => {
    const want: Wanted = { as: "money", unit: "minor", currencyFrom: "currency" };
    expect(read(want, 5)).toBe("its currency is not said");
  });

  it("comes out as it went in", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 99 }), (whole, cents) => {
        const text = `${whole}.${String(cents).padStart(2, "0")}`;
        expect(read(major, text)).toEqual({ minor: whole * 100 + cents, currency: "EUR" });
      }),
    );
  });
});
