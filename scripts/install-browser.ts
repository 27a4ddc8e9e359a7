import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findBrowser } from "./browser.ts";

type Command = readonly [string, ...string[]];

const apt: Command = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120"];
const fromDebian: Command = [...apt, "install", "--no-install-recommends", "chromium"];
const fromPlaywright: Command = [
  process.execPath,
  join(import.meta.dirname, "../node_modules/playwright-core/cli.js"),
  "install",
  "chromium",
];

/** Sees to it that there is a Chromium: found, else Debian's as root, else Playwright's. Returns why there is none. */
export function installBrowser(): string | undefined {
  const debian = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  // A new machine has no list of packages, or an old one: then the list is fetched first.
  const update: Command = [...apt, "update"];
  const ways: Command[][] = debian
    ? [[], [fromDebian], [update, fromDebian], [fromPlaywright]]
    : [[], [fromPlaywright]];
  let why = "";
  for (const way of ways) {
    for (const [command, ...args] of way) {
      console.error(`no chromium yet: ${[command, ...args].join(" ")}`);
      const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
      if (spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"], env, timeout: 600_000 }).status !== 0)
        break;
    }
    try {
      findBrowser();
      return undefined;
    } catch (thrown) {
      why = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  return why;
}
