import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlane, type TestPlane } from "../support/plane.ts";

const browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

let plane: TestPlane;
beforeAll(async () => {
  plane = await openTestPlane();
});
afterAll(() => plane?.close());

async function ask(path: string, accept: string, init: RequestInit = {}) {
  const reply = await fetch(`${plane.url}${path}`, { redirect: "manual", headers: { accept }, ...init });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}

it("an address that is not there, and one that needs a login, are a page to a browser, with the status they have", async () => {
  const missing = await ask("/nowhere/<b>x</b>?q=1", browsers);
  expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  expect(missing.text).toContain("<h1>There is nothing at this address</h1>");
  expect(missing.text).not.toMatch(/<b>x|<script/);
  expect(missing.headers.get("content-security-policy")).not.toContain("script-src");
  expect(missing.headers.get("vary")).toContain("accept");
  for (const path of ["/plain", "/approvals/act_00000000000000000000000000"]) {
    const { status, text, headers } = await ask(path, browsers);
    expect([path, status, headers.get("cache-control")]).toEqual([path, 401, "no-store"]);
    expect(text).toContain("<h1>You are not logged in</h1>");
    expect(text).toContain(`href="/login?next=${encodeURIComponent(path)}"`);
  }
  const form = await ask("/logout", browsers, { method: "POST", body: new URLSearchParams({ csrf: "none" }) });
  expect([form.status, form.headers.get("content-type")]).toEqual([401, expect.any(String)]);
});

it("a program gets problem+json, whatever else it takes", async () => {
  for (const accept of ["application/json", "*/*", "text/html;q=0.5, application/problem+json", "text/html;q=0.5, */*"])
    for (const [path, status] of [
      ["/nowhere", 404],
      ["/plain", 401],
    ] as const) {
      const reply = await ask(path, accept);
      expect([reply.status, reply.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
      expect(JSON.parse(reply.text)).toMatchObject({ status });
    }
});

it("what programs speak to answers JSON, whoever asks, and so does what is sent without a form", async () => {
  const asJava = "text/html, image/gif, image/jpeg, */*; q=0.2";
  for (const accept of [browsers, asJava]) {
    const opened = await ask("/v1/me", accept);
    expect([opened.status, opened.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    const headers = { accept, "content-type": "application/json" };
    const sent = await ask("/nowhere", accept, { method: "POST", headers, body: "{}" });
    expect([sent.status, sent.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  }
});
