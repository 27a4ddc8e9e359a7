import type { Governed, NoticeLine, NoticePage, NoticeQuery, TestPaged } from "./body.ts";
import { walk } from "./pages.ts";
import type { Wire } from "./wire.ts";

const part = encodeURIComponent;

/** What people and their systems are told, and what could not be delivered. */
export function noticesOf(wire: Wire) {
  const page = (query: NoticeQuery = {}) =>
    wire.json<NoticePage>({ method: "GET", path: "/v1/notices", query: { ...query } });
  return {
    page,
    list: (query: Omit<NoticeQuery, "cursor"> = {}): AsyncGenerator<NoticeLine> =>
      walk(
        (cursor) => page(cursor === undefined ? query : { ...query, cursor }),
        (found) => found.notices,
      ),
    replay: (notice: string): Promise<Governed> =>
      wire.json({ method: "POST", path: `/v1/notices/${part(notice)}/replay` }),
    testPage: (workflow: string, all = false): Promise<TestPaged> =>
      wire.json({ method: "POST", path: `/v1/workflows/${part(workflow)}/test-page`, body: { all } }),
  };
}
