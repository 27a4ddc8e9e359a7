import { defineConfig } from "vitest/config";

/** For the copies in which mutants are tried. */
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "**/*.cases.ts"],
    setupFiles: ["test/mutation/set-up.ts"],
    globalSetup: process.env.MUTATION_DATABASE === undefined ? [] : ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Those that plant bugs change the text of the source themselves, so they fail where it is another, whatever it does.
    testNamePattern: /^(?!.*\bbugs?\b.*\bplanted\b)/,
    pool: "forks",
    isolate: false,
    maxWorkers: 1,
    // A snapshot that is missing is a difference, not something to write.
    update: "none",
  },
});
