import { connect } from "@countersign/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestCli } from "../support/cli.ts";
import { ana, openTestPlane, type TestPlane } from "../support/plane.ts";

const many = 520;
const idOf = (n: number): string => `gov_${String(n).padStart(26, "0")}`;

let plane: TestPlane;
let key: string;
beforeAll(async () => {
  plane = await openTestPlane();
  key = await plane.person(ana);
  // Inserted with the newest first: the order is that of their ids.
  await plane.database.owner.query(
    `insert into alert (id, kind, subject, sentence) select 'gov_' || lpad(n::text, 26, '0'), 'moved', 'act_' || n,
       'alert number ' || n from generate_series(${many}, 1, -1) n`,
  );
});
afterAll(() => plane?.close());

const page = (query: string) => plane.call("GET", `/v1/alerts${query}`, { key });
const open = async () => {
  const { rows } = await plane.database.owner.query<{ n: number }>(
    "select count(*)::int as n from alert where settled_at is null",
  );
  return rows[0]?.n ?? 0;
};

describe("alerts over HTTP", () => {
  it("come page by page, the oldest first, each once, and none is left out", async () => {
    const seen: string[] = [];
    let query = "?limit=200";
    for (;;) {
      const { status, json } = await page(query);
      expect(status).toBe(200);
      expect(json.alerts.length).toBeLessThanOrEqual(200);
      seen.push(...json.alerts.map(({ id }: { id: string }) => id));
      if (json.next === undefined) break;
      query = `?limit=200&cursor=${json.next}`;
    }
    expect(seen.length).toBe(await open());
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen.slice(0, many)).toEqual(Array.from({ length: many }, (_, at) => idOf(at + 1)));
    // A page that ends with the last one names no next.
    const rest = await page(`?limit=${seen.length - 400}&cursor=${seen[399]}`);
    expect(rest.json.alerts).toHaveLength(seen.length - 400);
    expect(rest.json).not.toHaveProperty("next");
    expect((await page("")).json.alerts).toHaveLength(50);
  });

  it("go on after one that was settled meanwhile", async () => {
    const first = (await page("?limit=2")).json;
    expect(first.next).toBe(idOf(2));
    const body = { reason: "looked at" };
    expect((await plane.call("POST", `/v1/alerts/${idOf(2)}/settle`, { key, body })).status).toBe(200);
    const second = (await page(`?limit=2&cursor=${first.next}`)).json;
    expect(second.alerts.map(({ id }: { id: string }) => id)).toEqual([idOf(3), idOf(4)]);
    expect((await plane.call("POST", `/v1/alerts/${idOf(2)}/settle`, { key, body })).status).toBe(404);
  });

  it("are counted and settled also where they are beyond any page", async () => {
    const before = await open();
    expect((await plane.call("GET", "/v1/now", { key })).json.alerts).toBe(before);
    expect(before).toBeGreaterThan(500);
    const settled = await plane.call("POST", `/v1/alerts/${idOf(many)}/settle`, { key, body: { reason: "looked at" } });
    expect(settled.status).toBe(200);
    expect((await plane.call("GET", "/v1/now", { key })).json.alerts).toBe(before - 1);
  });

  it.each(["cursor=nothing", "cursor=act_00000000000000000000000000", "limit=0", "limit=201", "limit=x", "page=2"])(
    "with `%s` are refused as a problem that says what is wrong",
    async (query) => {
      const { status, headers, json } = await page(`?${query}`);
      expect(status).toBe(400);
      expect(headers.get("content-type")).toContain("application/problem+json");
      expect(json).toMatchObject({ code: "invalid", detail: expect.stringMatching(/\S/) });
    },
  );

  it("are all in the SDK and at the terminal", async () => {
    const all = await Array.fromAsync(connect({ url: plane.url, key }).alerts.list());
    expect(all.length).toBe(await open());
    const cli = openTestCli({ COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key });
    try {
      const said = await cli.run(["alerts", "--json"]);
      expect(JSON.parse(said.stdout).alerts.map(({ id }: { id: string }) => id)).toEqual(all.map(({ id }) => id));
    } finally {
      cli.close();
    }
  });
});
