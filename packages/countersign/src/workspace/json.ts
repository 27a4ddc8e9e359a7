import { JsonFault, parseJson } from "@countersign/contract";
import { type Path, type Place, problemAt } from "./finding.ts";
import { type Parsed, readYaml } from "./yaml.ts";

const maxBytes = 1_048_576;

/** Reads one strict JSON document (duplicate keys, lone surrogates and altered numbers are refused). Never throws. */
export function readJson(file: string, text: string): Parsed {
  try {
    const value: unknown = parseJson(text, { maxBytes, maxDepth: 32 });
    // JSON is YAML, so places come from there; where it is not quite (tabs), the whole file is the place.
    const { source } = readYaml(file, text);
    const place = (path: Path, part?: "value" | "key"): Place => source?.place(path, part) ?? { line: 1, column: 1 };
    return { source: { file, value, place }, problems: [] };
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return {
      problems: [
        problemAt(file, { line: fault.line, column: fault.column }, [], { message: fault.message, expected: "JSON" }),
      ],
    };
  }
}
