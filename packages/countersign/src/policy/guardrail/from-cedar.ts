import { everyMatch, firstMatch, matched } from "../matched.ts";
import type { AmountForm, WindowRule } from "../window.ts";
import { readStep, readWindow } from "../window.ts";
import { readDataEgress } from "./data-egress.ts";
import type { Asking, Guardrail, Hours } from "./guardrail.ts";
import { readRightAfter } from "./right-after.ts";
import { scopeIn } from "./scoped.ts";
import { guardrailToCedar } from "./to-cedar.ts";

export interface ReadGuardrail {
  readonly workflow: string;
  readonly guardrail: Guardrail;
}

/**
 * Templates and parameters of generated Cedar. What a template would not write word for word, because somebody changed
 * it by hand, is no template any more, and is left out.
 */
export function guardrailsFromCedar(
  policies: readonly { readonly id: string; readonly text: string }[],
): readonly ReadGuardrail[] {
  const groups = new Map<string, { workflow: string; name: string; texts: string[] }>();
  for (const { id, text } of policies) {
    const match = matched<[string, string]>(/^([^/]+)\/guardrail\/([^/]+)(?:\/[^/]+)?$/, id);
    if (match === undefined) continue;
    const [workflow, name] = match;
    const key = `${workflow}/${name}`;
    const group = groups.get(key) ?? { workflow, name, texts: [] };
    group.texts.push(text);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ workflow, name, texts }) => {
    const guardrail = readOne(name, texts.join("\n\n"));
    if (guardrail === undefined) return [];
    const written = guardrailToCedar(workflow, guardrail);
    return sameTexts(written, texts) ? [{ workflow, guardrail }] : [];
  });
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  const plain = (texts: readonly string[]) =>
    texts
      .map((text) => text.replace(/\s+/g, " ").trim())
      .sort()
      .join("\n");
  return plain(one) === plain(other);
}

function readOne(name: string, text: string): Guardrail | undefined {
  const tools = toolsOf(text);
  const production = text.includes("when { resource.environment.production }");
  const ask = askOf(text);
  const hours = hoursOf(text);
  const window = windowOf(text);
  const use = one(text, /@template\("([^"]*)"\)/);
  switch (use) {
    case "refund-limits":
      return ask === undefined ? undefined : refundLimits(name, text, tools, ask);
    case "four-eyes":
      return ask && { use, name, tools, ask, production };
    case "freeze": {
      const match = matched<[string, string, string]>(
        /context\.local\["([^"]+)"\]\.day >= (\d+) && context\.local\["[^"]+"\]\.day <= (\d+)/,
        text,
      );
      if (match === undefined) return undefined;
      const [zone, from, to] = match;
      return { use, name, tools, zone, from: Number(from), to: Number(to), production };
    }
    case "change-window":
      return hours && { use, name, tools, production, hours };
    case "business-hours":
      return hours && ask && { use, name, tools, production, hours, ask };
    case "step-limit": {
      const step = readStep(firstMatch(/@step\("([^"]*)"\)/, text));
      const most = one(text, /context\.facts\.steps\["[^"]+"\] > (\d+)/);
      return step && { use, name, tools, ...step, most: Number(most), production };
    }
    case "egress": {
      const argument = firstMatch(/context\.args has ([A-Za-z0-9_]+) /, text);
      const domains = names(firstMatch(/\[([^\]]*)\]\.containsAll\(/, text));
      const labels = everyMatch(/resource\.labels\.contains\("([^"]*)"\)/g, text);
      return { use, name, tools, argument, domains, labels };
    }
    case "data-egress":
      return readDataEgress(name, text);
    case "first-time-target":
      return ask && { use, name, tools, ask };
    case "done-before":
      return window?.within === undefined
        ? undefined
        : {
            ...{ use, name, tools, done: window.tools.join(), within: window.within },
            ...(window.since === undefined ? {} : { since: window.since }),
            production,
          };
    case "right-after": {
      const order = readRightAfter(window);
      return order && { use, name, tools, ...order, production };
    }
    case "call-limit":
      return window?.within === undefined
        ? undefined
        : {
            use,
            name,
            tools,
            most: Number(one(text, /context\.facts\.counts\["[^"]+"\] > (\d+)/)),
            ...scopeIn(window),
            within: window.within,
          };
    case "object-limit":
      return window?.within === undefined
        ? undefined
        : {
            use,
            name,
            tools,
            ...(window.touched === undefined ? { argument: window.argument ?? "" } : { counts: window.touched }),
            most: Number(one(text, /context\.facts\.sums\["[^"]+"\] > (\d+)/)),
            ...scopeIn(window),
            within: window.within,
          };
    case "expires": {
      const match = matched<[string, string]>(/context\.local\["([^"]+)"\]\.day > (\d+)/, text);
      if (match === undefined) return undefined;
      const [zone, until] = match;
      return { use, name, tools, zone, until: Number(until) };
    }
    case "only-within": {
      const environments = names(firstMatch(/unless \{ \[([^\]]*)\]\.contains\(resource\.environment\.name\)/, text));
      const targets = everyMatch(/resource\.target like "([^"]*)\*"/g, text);
      return { use, name, tools, environments, targets };
    }
    default:
      return undefined;
  }
}

function refundLimits(name: string, text: string, tools: readonly string[], ask: Asking): Guardrail {
  const amount = firstMatch(
    /unless \{ context\.args has ([A-Za-z0-9_]+) && context\.args\.\1(?:\.greaterThan| > 0)/,
    text,
  );
  const never = limit(text, amount, "<=", "lessThanOrEqual");
  const alone = limit(text, amount, "<", "lessThan");
  const perDay = one(text, /context\.facts\.sums\["[^"]+"\] > (\d+)/);
  const day = windowOf(text);
  const currency = matched<[argument: string, code: string]>(
    /unless \{ context\.args has ([A-Za-z0-9_]+) && context\.args\.\1 == "([A-Z]+)" \}/,
    text,
  );
  const make = (form: AmountForm, scale: number): Guardrail => ({
    use: "refund-limits",
    name,
    tools,
    amount,
    in: form,
    ...(currency === undefined ? {} : { currency: { code: currency[1], argument: currency[0] } }),
    aloneUnder: alone * scale,
    upTo: never * scale,
    ...(perDay === undefined ? {} : { perDay: Number(perDay) }),
    ...(day === undefined || (day.per === "workflow" && day.across === undefined) ? {} : scopeIn(day)),
    ask,
  });
  if (text.includes(`context.args.${amount}.lessThan(`)) return make("decimal", 1);
  // Whole units and hundredths differ in their titles, which tell amounts of money.
  const told = firstMatch(/never refunds more than (\d+\.\d\d) with/, text);
  return told === money(never) ? make("cents", 1) : make("whole", 100);
}

/** In the unit of the text; hundredths for decimals. */
function limit(text: string, amount: string, operator: string, method: string): number {
  const plain = firstMatch(new RegExp(`context\\.args\\.${amount} ${operator} (\\d+)`), text);
  const withPoint = new RegExp(`context\\.args\\.${amount}\\.${method}\\(decimal\\("(\\d+\\.\\d\\d)"\\)\\)`);
  return Number(plain + firstMatch(withPoint, text).replace(".", ""));
}

function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

function toolsOf(text: string): readonly string[] {
  return everyMatch(/Action::"([^"]*)"/g, firstMatch(/action in \[([^\]]*)\]/, text));
}

function askOf(text: string): Asking | undefined {
  const match = matched<[string, string, string, string, string]>(
    /@from\("([^"]*)"\) @count\("(\d+)"\) @open\("([^"]*)"\) @valid\("([^"]*)"\) @exclude\("([^"]*)"\)/,
    text.replace(/\s+/g, " "),
  );
  if (match === undefined) return undefined;
  const [from, count, open, valid, who] = match;
  const exclude = (who === "nobody" ? [] : who.split(",")) as Asking["exclude"];
  return { from, count: Number(count), open, valid, exclude };
}

function hoursOf(text: string): Hours | undefined {
  const match = matched<[string, string, string, string]>(
    /\[([\d, ]*)\]\.contains\(context\.local\["([^"]+)"\]\.weekday\) && context\.local\["[^"]+"\]\.minute >= (\d+)(?: &&|\) \|\| \(\[[\d, ]*\]\.contains\(context\.local\["[^"]+"\]\.weekday\) &&) context\.local\["[^"]+"\]\.minute < (\d+)/,
    text,
  );
  if (match === undefined) return undefined;
  const [days, zone, from, to] = match;
  return { zone, days: days.split(", ").map(Number), from: Number(from), to: Number(to) };
}

function windowOf(text: string): WindowRule | undefined {
  return readWindow(firstMatch(/@window\("([^"]*)"\)/, text));
}

function names(inside: string): readonly string[] {
  return everyMatch(/"([^"]*)"/g, inside);
}

function one(text: string, pattern: RegExp): string | undefined {
  return matched<[string]>(pattern, text)?.[0];
}
