import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The server's package carries it, and serves it from memory.
  build: {
    outDir: "../countersign/console",
    emptyOutDir: true,
    target: "es2024",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What everything waits for, in one file: in pieces the same has more bytes.
        codeSplitting: {
          groups: [{ name: "first", tags: ["$initial"] }],
        },
      },
    },
  },
});
