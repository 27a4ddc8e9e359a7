import type { Shell } from "./shell.ts";

const width = 30;

/** A line that fills up while somebody watches; nothing where nobody does. */
export function bar(shell: Shell, what: string): { show(done: number, all: number): void; end(): void } {
  const { stderr } = shell.terminal;
  const isShown = stderr.isTTY === true && !shell.asJson;
  let shown = -1;
  return {
    show(done, all) {
      const percent = all === 0 ? 100 : Math.floor((done / all) * 100);
      if (!isShown || percent === shown) return;
      shown = percent;
      const filled = Math.round((percent / 100) * width);
      stderr.write(`\r${what} [${"#".repeat(filled)}${" ".repeat(width - filled)}] ${percent} %`);
    },
    end() {
      if (isShown && shown >= 0) stderr.write(`\r${" ".repeat(what.length + width + 10)}\r`);
    },
  };
}
