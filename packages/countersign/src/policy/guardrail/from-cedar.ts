import type { AmountForm, WindowRule } from "../window.ts";
import { readStep, readWindow } from "../window.ts";
import { readDataEgress } from "./data-egress.ts";
import type { Asking, Guardrail, Hours } from "./guardrail.ts";
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
    const match = /^([^/]+)\/guardrail\/([^/]+)(?:\/[^/]+)?$/.exec(id);
    if (match === null) continue;
    const [, workflow = "", name = ""] = match;
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
      const match = /context\.local\["([^"]+)"\]\.day >= (\d+) && context\.local\["[^"]+"\]\.day <= (\d+)/.exec(text);
      return match === null
        ? undefined
        : { use, name, tools, zone: match[1] ?? "", from: Number(match[2]), to: Number(match[3]), production };
    }
    case "change-window":
      return hours && { use, name, tools, production, hours };
    case "business-hours":
      return hours && ask && { use, name, tools, production, hours, ask };
    case "step-limit": {
      const step = readStep(one(text, /@step\("([^"]*)"\)/) ?? "");
      const most = one(text, /context\.facts\.steps\["[^"]+"\] > (\d+)/);
      return step && { use, name, tools, ...step, most: Number(most), production };
    }
    case "egress": {
      const argument = one(text, /context\.args has ([A-Za-z0-9_]+) /);
      const domains = names(one(text, /\[([^\]]*)\]\.containsAll\(/));
      const labels = [...text.matchAll(/resource\.labels\.contains\("([^"]*)"\)/g)].map((match) => match[1] ?? "");
      return argument === undefined ? undefined : { use, name, tools, argument, domains, labels };
    }
    case "data-egress":
      return readDataEgress(name, text);
    case "first-time-target":
      return ask && { use, name, tools, ask };
    case "done-before":
      return window?.within === undefined
        ? undefined
        : { use, name, tools, done: window.tools[0] ?? "", within: window.within, production };
    case "call-limit":
      return window?.within === undefined
        ? undefined
        : {
            use,
            name,
            tools,
            most: Number(one(text, /context\.facts\.counts\["[^"]+"\] > (\d+)/)),
            per: window.per,
            within: window.within,
          };
    case "object-limit":
      return window?.within === undefined
        ? undefined
        : {
            use,
            name,
            tools,
            argument: window.argument ?? "",
            most: Number(one(text, /context\.facts\.sums\["[^"]+"\] > (\d+)/)),
            per: window.per,
            within: window.within,
          };
    case "expires": {
      const match = /context\.local\["([^"]+)"\]\.day > (\d+)/.exec(text);
      return match === null ? undefined : { use, name, tools, zone: match[1] ?? "", until: Number(match[2]) };
    }
    case "only-within": {
      const environments = names(one(text, /unless \{ \[([^\]]*)\]\.contains\(resource\.environment\.name\)/));
      const targets = [...text.matchAll(/resource\.target like "([^"]*)\*"/g)].map((match) => match[1] ?? "");
      return { use, name, tools, environments, targets };
    }
    default:
      return undefined;
  }
}

function refundLimits(name: string, text: string, tools: readonly string[], ask: Asking): Guardrail | undefined {
  const amount = one(text, /unless \{ context\.args has ([A-Za-z0-9_]+) && context\.args\.\1(?:\.greaterThan| > 0)/);
  if (amount === undefined) return undefined;
  const never = limit(text, amount, "<=", "lessThanOrEqual");
  const alone = limit(text, amount, "<", "lessThan");
  if (never === undefined || alone === undefined) return undefined;
  const sum = /context\.facts\.sums\["[^"]+"\] > (\d+)/.exec(text);
  const given = /unless \{ context\.args has ([A-Za-z0-9_]+) && context\.args\.\1 == "([A-Z]+)" \}/.exec(text);
  const make = (form: AmountForm, scale: number): Guardrail => ({
    use: "refund-limits",
    name,
    tools,
    amount,
    in: form,
    ...(given === null ? {} : { currency: { code: given[2] ?? "", argument: given[1] ?? "" } }),
    aloneUnder: alone * scale,
    upTo: never * scale,
    ...(sum === null ? {} : { perDay: Number(sum[1]) }),
    ask,
  });
  if (text.includes(`context.args.${amount}.lessThan(`)) return make("decimal", 1);
  // Whole units and hundredths differ in their titles, which tell amounts of money.
  const told = one(text, /never refunds more than (\d+\.\d\d) with/);
  return told === money(never) ? make("cents", 1) : make("whole", 100);
}

/** In the unit of the text; hundredths for decimals. */
function limit(text: string, amount: string, operator: string, method: string): number | undefined {
  const asDecimal = one(text, new RegExp(`context\\.args\\.${amount}\\.${method}\\(decimal\\("(\\d+\\.\\d\\d)"\\)\\)`));
  if (asDecimal !== undefined) return Number(asDecimal.replace(".", ""));
  const plain = one(text, new RegExp(`context\\.args\\.${amount} ${operator} (\\d+)`));
  return plain === undefined ? undefined : Number(plain);
}

function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

function toolsOf(text: string): readonly string[] {
  const inside = one(text, /action in \[([^\]]*)\]/) ?? "";
  return [...inside.matchAll(/Action::"([^"]*)"/g)].map((match) => match[1] ?? "");
}

function askOf(text: string): Asking | undefined {
  const match =
    /@from\("([^"]*)"\) @count\("(\d+)"\) @open\("([^"]*)"\) @valid\("([^"]*)"\) @exclude\("([^"]*)"\)/.exec(
      text.replace(/\s+/g, " "),
    );
  if (match === null) return undefined;
  const [, from = "", count, open = "", valid = "", who = ""] = match;
  const exclude = (who === "nobody" ? [] : who.split(",")) as Asking["exclude"];
  return { from, count: Number(count), open, valid, exclude };
}

function hoursOf(text: string): Hours | undefined {
  const match =
    /\[([\d, ]*)\]\.contains\(context\.local\["([^"]+)"\]\.weekday\) && \(?context\.local\["[^"]+"\]\.minute >= (\d+) (?:&&|\|\|) context\.local\["[^"]+"\]\.minute < (\d+)/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, days = "", zone = "", from, to] = match;
  return { zone, days: days.split(", ").map(Number), from: Number(from), to: Number(to) };
}

function windowOf(text: string): WindowRule | undefined {
  return readWindow(one(text, /@window\("([^"]*)"\)/) ?? "");
}

function names(inside: string | undefined): readonly string[] {
  return [...(inside ?? "").matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
}

function one(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}
