import { readFileSync } from "node:fs";

/** The parts that are read of what vitest's JSON reporter writes. */
interface Report {
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

export interface Failed {
  readonly file: string;
  /** What failed in it, each with its messages. */
  readonly told: readonly string[];
}

const longest = 2_000;

/** The files that failed, as a report of vitest's tells them. Fails where it cannot be read. */
export function readFailed(reportFile: string): readonly Failed[] {
  const { testResults } = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const bad = assertionResults.filter((each) => each.status === "failed");
    const told = bad.map(
      ({ fullName, failureMessages }) => `${name} > ${fullName}\n${failureMessages.join("\n").slice(0, longest)}`,
    );
    if (status === "failed" && bad.length === 0) told.push(`${name}\n${message.slice(0, longest)}`);
    return told.length === 0 ? [] : [{ file: name, told }];
  });
}
