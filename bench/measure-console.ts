import { type Browser, chromium, type Page } from "playwright-core";
import { browserArgs, findBrowser } from "../scripts/browser.ts";
import { buildConsole } from "../scripts/build-console.ts";
import { median, percentile, round } from "./distribution.ts";
import { atMost, type Figure } from "./figure.ts";
import type { Filled } from "./fill.ts";
import { type Amount, type Upstream, untilQuiet, withGate } from "./setup.ts";

const asked = 200;
const paints = 20;
const atOnce = 32;

interface Held {
  readonly id: string;
  readonly state: string;
  readonly sentence: string;
}

/** What people wait for in the console, with a million actions and 5,000 open approvals in the store. */
export async function measureConsole(upstream: Upstream, amount: Amount): Promise<Figure[]> {
  await buildConsole();
  return withGate({ decide: "real", checks: true, upstream: upstream.ready.url }, async (gate) => {
    const { origin, key, person } = gate.ready;
    const submit = async (name: string): Promise<string> => {
      const response = await fetch(`${origin}/v1/actions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({
          server: "notes",
          tool: "publish_note",
          arguments: { path: `notes/${name}.md`, text: `words of ${name}`, limit: 1 },
        }),
      });
      const action = (await response.json()) as Held;
      if (action.state !== "held") throw new Error(`it should be held: ${action.state} ${action.sentence}`);
      return action.id;
    };
    await fetch(`${origin}/v1/actions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ server: "notes", tool: "read_note", arguments: { path: "notes/first.md" } }),
    });
    const stored = amount.of(1_000_000);
    await gate.ask<Filled>("fill", stored);
    const open = amount.quick ? amount.of(5_000) : 5_000;
    let next = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (next < open) await submit(`open-${next++}`);
      }),
    );
    await untilQuiet(amount);
    const headers = { authorization: `Bearer ${person}`, accept: "application/json" };
    const times = async (path: string): Promise<readonly number[]> => {
      const measured: number[] = [];
      for (let i = 0; i < (amount.quick ? amount.of(asked) : asked); i++) {
        const began = performance.now();
        const answer = await fetch(origin + path, { headers });
        await answer.arrayBuffer();
        if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
        measured.push(performance.now() - began);
      }
      return measured;
    };
    const store = `${stored.toLocaleString("en")} actions and ${open.toLocaleString("en")} open approvals`;
    const figures: Figure[] = [];
    const api = async (name: string, path: string, most: number): Promise<void> => {
      const measured = await times(path);
      // A part that takes so long says what it has, in case that it does not come to its end.
      console.error(`  ${name}: ${round(percentile(measured, 0.95), 1)} ms`);
      figures.push({
        name: `${name}, p95`,
        value: round(percentile(measured, 0.95), 1),
        unit: "ms",
        target: atMost(most),
        note: `\`GET ${path}\`, ${measured.length} times with ${store}; p50 ${round(median(measured), 1)} ms`,
      });
    };
    await api("the inbox's page of requests", "/v1/approvals?limit=200", 100);
    await api("the requests that are one's own to answer", "/v1/approvals?mine=true&limit=50", 100);
    await api("the newest runs", "/v1/runs", 100);
    await api("the newest actions", "/v1/actions?limit=50", 100);
    await api("the line of every page", "/v1/now", 100);
    await api("typed search by tool and state", "/v1/actions?tool=notes.publish_note&state=held&limit=50", 200);
    await api("typed search that finds nothing in what a page looks through", "/v1/actions?state=failed&limit=50", 200);
    const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs });
    try {
      figures.push(...(await inBrowser(browser, origin, await gate.ask<string>("link"), submit, amount, store)));
    } finally {
      await browser.close();
    }
    return figures;
  });
}

async function inBrowser(
  browser: Browser,
  origin: string,
  link: string,
  submit: (name: string) => Promise<string>,
  amount: Amount,
  store: string,
): Promise<readonly Figure[]> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${origin}/login?link=${link}`);
  await page.click("button");
  await page.waitForSelector("ul.rows li");
  const inbox = await paintsOf(page, `${origin}/inbox`, "ul.rows li", amount);
  const runs = await paintsOf(page, `${origin}/runs`, "main table tbody tr, main ul.rows li:not(.room)", amount);
  await page.goto(`${origin}/inbox?order=time`);
  await page.waitForSelector("ul.rows li");
  const shown = await newsOf(page, submit, amount);
  const first = (name: string, measured: readonly number[]): Figure => ({
    name: `${name} shows its first rows, p95`,
    value: round(percentile(measured, 0.95), 0),
    unit: "ms",
    target: atMost(1_000),
    note: `from opening the address to the rows being drawn, ${measured.length} times in a real Chromium with ${store}; p50 ${round(median(measured), 0)} ms`,
  });
  return [
    first("the inbox", inbox),
    first("the list of runs", runs),
    {
      name: "a new request shows in an open inbox, p95",
      value: round(percentile(shown, 0.95), 0),
      unit: "ms",
      target: atMost(300),
      note: `from the answer that it is held to its count being drawn, ${shown.length} times; p50 ${round(median(shown), 0)} ms`,
    },
  ];
}

async function paintsOf(page: Page, url: string, rows: string, amount: Amount): Promise<readonly number[]> {
  const measured: number[] = [];
  for (let i = 0; i < (amount.quick ? 5 : paints); i++) {
    await page.goto("about:blank");
    const began = performance.now();
    await page.goto(url, { waitUntil: "commit" });
    await page.waitForSelector(rows);
    measured.push(performance.now() - began);
  }
  return measured;
}

/** The count beside `Inbox` in the rail is what every page shows of a new request. */
async function newsOf(
  page: Page,
  submit: (name: string) => Promise<string>,
  amount: Amount,
): Promise<readonly number[]> {
  const measured: number[] = [];
  for (let i = 0; i < (amount.quick ? 5 : paints); i++) {
    const before = await page.textContent(".rail .count");
    await submit(`news-${i}`);
    const began = performance.now();
    await page.waitForFunction((text) => document.querySelector(".rail .count")?.textContent !== text, before);
    measured.push(performance.now() - began);
  }
  return measured;
}
