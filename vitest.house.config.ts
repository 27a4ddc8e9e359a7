import { defineConfig } from "vitest/config";

/** The rules of the house alone: no database is started for them. */
export default defineConfig({
  test: { include: ["test/rooms.test.ts", "test/sizes.test.ts", "test/architecture.test.ts", "test/docs.test.ts"] },
});
