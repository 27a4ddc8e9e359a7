import type { Requests } from "./environment.ts";
import type { Variable } from "./request-shape.ts";
import type { Sets } from "./sets.ts";

interface Question {
  readonly variable: Variable;
  readonly text: string;
  /** Of a set: the element that is asked about. */
  readonly element?: string;
}

export function questions(requests: Requests, sets: Sets): readonly Question[] {
  return requests.variables.flatMap((variable): readonly Question[] => {
    if (variable.of !== "set") return [{ variable, text: variable.text }];
    return [...sets.probes].flatMap((probe) => {
      if (probe.kind !== kindOfSet(requests, variable) || !("is" in probe) || !("text" in probe.is)) return [];
      const element = probe.is.text;
      return [
        { variable, text: `(${variable.text} ${element})`, element },
        { variable, text: element, element },
      ];
    });
  });
}

function kindOfSet({ setKinds }: Requests, { text }: Variable): string {
  return setKinds.get(text) ?? "string";
}

/** What a solver chose, by where it stands. */
export class Chosen {
  readonly #values = new Map<string, string>();
  readonly #present = new Map<string, boolean>();
  readonly #sets = new Map<string, Set<string>>();
  readonly paths: readonly (readonly string[])[];

  constructor(requests: Requests, sets: Sets, values: readonly string[]) {
    const asked = questions(requests, sets);
    this.paths = requests.variables.map(({ path }) => path);
    asked.forEach(({ variable, element, text }, at) => {
      const key = variable.path.join("\0");
      const value = values[at] ?? "";
      if (variable.of === "present") this.#present.set(key, value === "true");
      else if (variable.of !== "set") this.#values.set(key, value);
      else if (text !== element && value === "true") {
        const all = this.#sets.get(key) ?? new Set();
        all.add(values[at + 1] ?? "");
        this.#sets.set(key, all);
      }
    });
  }

  isPresent(path: readonly string[]): boolean | undefined {
    return this.#present.get(path.join("\0"));
  }

  text(path: readonly string[]): string | undefined {
    const value = this.#values.get(path.join("\0"));
    return value === undefined ? undefined : unquoted(value);
  }

  number(path: readonly string[]): number | undefined {
    const value = this.#values.get(path.join("\0"));
    return value === undefined ? undefined : Number(wholeNumber(value));
  }

  flag(path: readonly string[]): boolean | undefined {
    const value = this.#values.get(path.join("\0"));
    return value === undefined ? undefined : value === "true";
  }

  instant(path: readonly string[]): string | undefined {
    const ms = this.number(path);
    return ms === undefined ? undefined : new Date(ms).toISOString();
  }

  elements(path: readonly string[]): readonly string[] {
    return [...(this.#sets.get(path.join("\0")) ?? [])];
  }

  texts(path: readonly string[]): readonly string[] {
    return this.elements(path).map(unquoted);
  }

  optional<Name extends string>(name: Name, path: readonly string[]): { readonly [name in Name]?: string } {
    return this.isPresent(path) === true ? ({ [name]: this.text(path) ?? name } as { [name in Name]: string }) : {};
  }
}

export function wholeNumber(text: string): bigint {
  const negative = /^\(-\s*(\d+)\)$/.exec(text)?.[1];
  return negative === undefined ? BigInt(/^-?\d+$/.exec(text)?.[0] ?? 0) : -BigInt(negative);
}

/** A text as solvers print it: `""` for a quote, code points as `\u{…}`, `\ud₃d₂d₁d₀` or, by older ones, `\xhh`. */
function unquoted(text: string): string {
  return text
    .replace(/^"|"$/g, "")
    .replaceAll('""', '"')
    .replace(/\\u\{([0-9a-fA-F]{1,6})\}|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})/g, (_, long, short, byte) =>
      String.fromCodePoint(Number.parseInt(long ?? short ?? byte, 16)),
    );
}
