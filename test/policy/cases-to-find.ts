import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How many cases the comparison needs until the first difference with one bug planted; undefined when it finds none. */
export function casesToFind(bug: string): Promise<number | undefined> {
  const plant = fileURLToPath(new URL("../faults/plant.ts", import.meta.url));
  const script = fileURLToPath(new URL("../../scripts/fuzz-translation.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", plant, script, "--cases", "6000", "--first"], {
    env: { ...process.env, FAULTS_BUG: bug },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      const [, after] = /^(\d+) cases: .* [1-9]\d* differences$/mu.exec(told) ?? [];
      resolve(code === 1 && after !== undefined ? Number(after) : undefined);
    }),
  );
}
