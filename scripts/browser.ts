import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Flags under which a browser on a build machine starts, stays quiet and calls nobody. */
export const browserArgs = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of a Chromium; `PLAYWRIGHT_CHROMIUM` goes first. Throws with the remedy where there is none. */
export function findBrowser(): string {
  const found = [process.env.PLAYWRIGHT_CHROMIUM ?? "", ...places, chromium.executablePath()].find(
    (path) => path !== "" && existsSync(path),
  );
  if (found === undefined) {
    throw new Error("no chromium found; install one (on Debian: apt-get install chromium) or set PLAYWRIGHT_CHROMIUM");
  }
  return found;
}
