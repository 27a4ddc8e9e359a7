import { globSync } from "node:fs";

/** The rooms in which a fault lets something pass: what decides, who counts, and where data may go. */
export function scopeOf(root: string): readonly string[] {
  const wanted = [
    "packages/countersign/src/{policy,approvals,flow}/**/*.ts",
    "packages/countersign/src/action/approvals.ts",
  ];
  return globSync(wanted, { cwd: root })
    .filter((file) => !/\.(?:test|fixture)\.ts$/.test(file))
    .sort();
}
