import type { Json } from "@countersign/contract";
import { isRecord, type Normaliser, type NormaliserOptions, Unclean } from "./shape.ts";

// ISO 4217 by the digits of the minor unit. Funds codes, metals and test codes are not money here.
const digitsOf = new Map<string, number>(
  Object.entries({
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
  }).flatMap(([digits, codes]) => codes.split(" ").map((code) => [code, Number(digits)] as const)),
);

/** The digits of a currency's minor unit; undefined where it is no currency. */
export function minorDigits(currency: string): number | undefined {
  return digitsOf.get(currency);
}

/** An amount in whole minor units and its currency. Nothing is rounded: what does not come out even is no value. */
export const money: Normaliser = {
  takes: ["string", "number", "integer", "object"],
  shape: { minor: "long", currency: "text" },
  read(value, options) {
    const { amount, currency: beside } = split(value);
    const currency = agreed(beside, options.currency);
    const digits = digitsOf.get(currency);
    if (digits === undefined) throw new Unclean("its currency is not known");
    return { minor: minorOf(amount, digits, options), currency };
  },
};

/** `12.50 EUR`, `EUR 12.50`, `12.50`, a whole number, or an object of exactly an amount and a currency. */
function split(value: Json): { readonly amount: Json; readonly currency?: string } {
  if (typeof value === "string") {
    const match = /^(?:([A-Z]{3}) )?([0-9.]{1,20})(?: ([A-Z]{3}))?$/.exec(value);
    const [, before, amount, after] = match ?? [];
    if (amount === undefined || (before !== undefined && after !== undefined))
      throw new Unclean("it is no amount of money");
    const currency = before ?? after;
    return currency === undefined ? { amount } : { amount, currency };
  }
  if (!isRecord(value)) return { amount: value };
  const names = Object.keys(value);
  const amounts = names.filter((name) => name === "amount" || name === "value");
  const currencies = names.filter((name) => /^(?:currency|currency_code|currencyCode)$/.test(name));
  const [amountName, currencyName] = [amounts[0], currencies[0]];
  // Two amounts in one object: nobody knows which one counts.
  if (names.length !== 2 || amountName === undefined || currencyName === undefined)
    throw new Unclean("it is no amount with a currency");
  const [amount = null, currency] = [value[amountName], value[currencyName]];
  if (typeof currency !== "string") throw new Unclean("its currency is not known");
  return { amount, currency };
}

function agreed(beside: string | undefined, declared: string | undefined): string {
  if (beside !== undefined && declared !== undefined && beside !== declared)
    throw new Unclean("it names two currencies");
  const currency = beside ?? declared;
  if (currency === undefined) throw new Unclean("its currency is not said");
  return currency;
}

function minorOf(amount: Json, digits: number, { unit }: NormaliserOptions): number {
  if (typeof amount === "number") {
    if (unit === undefined) throw new Unclean("whether its number counts whole or minor units is not declared");
    if (!Number.isSafeInteger(amount)) throw new Unclean("a number with a fraction is not exact");
    return exact(BigInt(amount) * (unit === "major" ? 10n ** BigInt(digits) : 1n));
  }
  const match = typeof amount === "string" ? /^(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,3}))?$/.exec(amount) : null;
  if (match === null) throw new Unclean("it is no amount of money");
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > (unit === "minor" ? 0 : digits))
    throw new Unclean("it has more places than its currency, and nothing is rounded");
  return exact(BigInt(whole + (unit === "minor" ? "" : fraction.padEnd(digits, "0"))));
}

function exact(minor: bigint): number {
  // A negative amount would pass every upper limit.
  if (minor < 0n || minor > BigInt(Number.MAX_SAFE_INTEGER)) throw new Unclean("it is negative or too large");
  return Number(minor);
}
