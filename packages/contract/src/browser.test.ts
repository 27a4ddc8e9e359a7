import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { browserArgs, findBrowser } from "../../../scripts/browser.ts";
import type { Vector } from "../vectors/make.ts";

let server: Server;
let browser: Browser;

// The modules as they are, types stripped; nothing is bundled, so nothing of Node's can slip in.
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    if (!/^\/[a-z-]+\.ts$/.test(path)) {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>verify</title>");
      return;
    }
    const source = readFileSync(new URL(`.${path}`, import.meta.url), "utf8");
    response.setHeader("content-type", "text/javascript").end(stripTypeScriptTypes(source));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
});
afterAll(async () => {
  await browser?.close();
  server.close();
});

it("the verifiers judge every vector alike in a browser", async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const vectors = ["bundles", "logs"].flatMap(
    (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as Vector[],
  );
  // As text: a test runner's own rewriting of imports must not reach the page.
  const found = await page.evaluate(`(async (cases) => {
    const { verifyBundle, verifyLog } = await import("/index.ts");
    const codes = [];
    for (const { kind, file, trust } of cases) {
      const { problems } = kind === "bundle"
        ? await verifyBundle(new TextEncoder().encode(file), trust)
        : await verifyLog(file.slice(0, -1).split("\\n"), trust);
      codes.push([...new Set(problems.map((flaw) => flaw.code))].sort());
    }
    return codes;
  })(${JSON.stringify(vectors)})`);
  expect(found).toEqual(vectors.map((vector) => vector.codes));
  expect(vectors.length).toBeGreaterThan(80);
});
