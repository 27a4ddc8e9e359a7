import { join } from "node:path";
import type { NoticeInstead } from "../../packages/countersign/src/governance/index.ts";
import { ana, openTestPlane, type PlaneOptions, type TestPlane } from "./plane.ts";

export interface NoticePlane extends TestPlane {
  /** Has an agent ask to write a page, which a person has to approve; the action's id. */
  hold(text?: string, page?: string): Promise<string>;
  /** The person looks at what waits and answers it. */
  answerAs(email: string, action: string, verdict: "approve" | "deny"): Promise<number>;
}

export interface NoticeOptions extends Pick<PlaneOptions, "log" | "clock"> {
  readonly notifications?: readonly object[];
  readonly secrets?: Readonly<Record<string, string>>;
  /** Changes the workflow in which the agent asks. */
  readonly workflow?: (text: string) => string;
  readonly organisation?: (text: string) => string;
  readonly instead?: NoticeInstead;
  readonly add?: PlaneOptions["add"];
}

/** Short times, so that a test need not wait for hours; a sending may take what it takes on a busy machine. */
export const hurried: NoticeInstead = {
  everyMs: 50,
  leaseMs: 60_000,
  patience: { firstMs: 50, longestMs: 200, tries: 3 },
};

/** A plane whose agent can ask, with channels of a test's own. */
export async function openNoticePlane(options: NoticeOptions = {}): Promise<NoticePlane> {
  const { notifications = [], organisation = (text) => text, log, clock, add } = options;
  const plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) => organisation(`${text}\nnotifications: ${JSON.stringify(notifications)}\n`),
      "workflows/docs-upkeep.yaml": options.workflow ?? ((text) => text),
    },
    ...(add === undefined ? {} : { add }),
    ...(log === undefined ? {} : { log }),
    ...(clock === undefined ? {} : { clock }),
    instead: { notices: { ...hurried, ...options.instead } },
  });
  for (const [name, value] of Object.entries(options.secrets ?? {})) {
    const { status } = await plane.call("PUT", "/v1/secrets", { key: await plane.person(ana), body: { name, value } });
    if (status >= 300) throw new Error(`the secret ${name} was not kept: ${status}`);
  }
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const scribe = await plane.agent("scribe");
  let pages = 0;
  return {
    ...plane,
    async hold(content = "hello", page = `page-${++pages}.md`) {
      const path = join(plane.folder, "sandbox/pages", page);
      const body = { server: "files", tool: "write_file", arguments: { path, content } };
      const { json } = await plane.call("POST", "/v1/actions", { key: scribe, body });
      if (json.state !== "held") throw new Error(`it is not held: ${JSON.stringify(json)}`);
      return json.id;
    },
    async answerAs(email, action, verdict) {
      const key = await plane.person(email);
      const { json: shown } = await plane.call("GET", `/v1/approvals/${action}`, { key });
      const { callDigest, shownDigest } = shown;
      const body = { verdict, callDigest, shownDigest: shownDigest ?? `sha256:${"0".repeat(64)}`, reason: "a test" };
      return (await plane.call("POST", `/v1/approvals/${action}/answer`, { key, body })).status;
    },
  };
}
