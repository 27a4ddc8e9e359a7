import { shownDigest } from "@countersign/contract";
import type {
  Action,
  Alert,
  AnswerBody,
  Answered,
  AnswersPage,
  Approval,
  ApprovalLine,
  ApprovalLoad,
  ApprovalReport,
  ApprovalReportQuery,
  AskBackBody,
  BatchBody,
  Batched,
  Batches,
  BreakGlassBody,
  BrokeGlass,
  Canaries,
  EditBody,
  Edited,
  Glass,
  Governed,
  Grant,
  GrantBody,
  GrantProposals,
  GrantProposalsQuery,
  Lifted,
  SettleBody,
  Stop,
  StopBody,
  StopReport,
  StopView,
  Unknown,
  UnknownView,
} from "./body.ts";
import { walk } from "./pages.ts";
import { CountersignProblem } from "./problem.ts";
import type { Wire } from "./wire.ts";

const id = encodeURIComponent;

export interface ApprovalsWanted {
  readonly order?: "risk" | "time";
  /** Only what the asking person may answer. */
  readonly mine?: boolean;
  readonly workflow?: string;
  readonly agent?: string;
  /** `server.tool` */
  readonly tool?: string;
  readonly risk?: "low" | "medium" | "high";
  /** This action alone. */
  readonly action?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

/** What waits for people, and how they answer. */
export function approvalsOf(wire: Wire) {
  const page = ({ mine, ...wanted }: ApprovalsWanted = {}) =>
    wire.json<{ readonly approvals: readonly ApprovalLine[]; readonly next?: string }>({
      method: "GET",
      path: "/v1/approvals",
      query: { ...wanted, ...(mine === undefined ? {} : { mine: String(mine) }) },
    });
  return {
    page,
    list: (): AsyncGenerator<ApprovalLine> =>
      walk(
        (cursor) => page(cursor === undefined ? {} : { cursor }),
        (found) => found.approvals,
      ),
    get: async (action: string): Promise<Approval> =>
      asShown(await wire.json<Approval>({ method: "GET", path: `/v1/approvals/${id(action)}` })),
    answer: (action: string, body: AnswerBody): Promise<Answered> =>
      wire.json({ method: "POST", path: `/v1/approvals/${id(action)}/answer`, body }),
    /** Answers alone, in place of all whose answers are missing. Somebody else has to review it. */
    breakGlass: (action: string, body: BreakGlassBody): Promise<BrokeGlass> =>
      wire.json({ method: "POST", path: `/v1/approvals/${id(action)}/break-glass`, body }),
    /** What the asking person answered, newest first, and how it ended. */
    answered: (cursor?: string, limit?: number, action?: string) =>
      wire.json<AnswersPage>({ method: "GET", path: "/v1/answers", query: { cursor, limit, action } }),
    load: (): Promise<ApprovalLoad> => wire.json({ method: "GET", path: "/v1/approvals/load" }),
    /** What people were asked in so many weeks, and in as many before; by which rule, and how many of them at once. */
    report: (query: ApprovalReportQuery = {}): Promise<ApprovalReport> =>
      wire.json({ method: "GET", path: "/v1/approvals/report", query: { ...query }, waitMs: 120_000 }),
    /** How the asking person did with seeded known-bad requests. */
    canaries: (): Promise<Canaries> => wire.json({ method: "GET", path: "/v1/approvals/canaries" }),
    /** Asks the agent; the action stays held. */
    ask: (action: string, body: AskBackBody): Promise<Action> =>
      wire.json({ method: "POST", path: `/v1/approvals/${id(action)}/ask`, body }),
    /** Makes another call of it, which is decided from the start; the edit counts as an approval where it may. */
    edit: (action: string, body: EditBody): Promise<Edited> =>
      wire.json({ method: "POST", path: `/v1/approvals/${id(action)}/edit`, body, waitMs: 90_000 }),
    /** What may be answered together. */
    batches: async (): Promise<Batches> => {
      const found = await wire.json<Batches>({ method: "GET", path: "/v1/approvals/batches" });
      for (const { items } of found.batches) await Promise.all(items.map(asShown));
      return found;
    },
    answerBatch: (body: BatchBody): Promise<Batched> =>
      wire.json({ method: "POST", path: "/v1/approvals/batch", body, waitMs: 90_000 }),
  };
}

/** Approvals that are given beforehand, for calls of one shape. */
export function grantsOf(wire: Wire) {
  return {
    list: async (): Promise<readonly Grant[]> =>
      (await wire.json<{ grants: readonly Grant[] }>({ method: "GET", path: "/v1/grants" })).grants,
    give: (body: GrantBody): Promise<Grant> => wire.json({ method: "POST", path: "/v1/grants", body }),
    /** What people approved so often that it could be granted beforehand; nothing is put in force. */
    proposals: (query: GrantProposalsQuery = {}): Promise<GrantProposals> =>
      wire.json({ method: "GET", path: "/v1/grants/proposals", query: { ...query }, waitMs: 120_000 }),
    revoke: (grant: string, reason: string): Promise<Grant> =>
      wire.json({ method: "POST", path: `/v1/grants/${id(grant)}/revoke`, body: { reason } }),
  };
}

/** Where somebody answered alone, until somebody else has reviewed it. */
export function glassOf(wire: Wire) {
  return {
    list: async (): Promise<readonly Glass[]> =>
      (await wire.json<{ glass: readonly Glass[] }>({ method: "GET", path: "/v1/glass" })).glass,
    review: (glass: string, found: string): Promise<Governed> =>
      wire.json({ method: "POST", path: `/v1/glass/${id(glass)}/review`, body: { found } }),
  };
}

/** What is looked at is what the answer will name: a digest of anything else is not passed on. */
async function asShown(approval: Approval): Promise<Approval> {
  if (approval.shownDigest === undefined || approval.shownDigest === (await shownDigest(approval))) return approval;
  throw new CountersignProblem("unavailable", "what came over the wire is not what the server says it shows", {
    help: "client and server may be of two versions",
  });
}

/** What became of calls that never answered. */
export function unknownsOf(wire: Wire) {
  return {
    list: async (): Promise<readonly Unknown[]> =>
      (await wire.json<{ unknowns: readonly Unknown[] }>({ method: "GET", path: "/v1/unknowns" })).unknowns,
    get: (action: string): Promise<UnknownView> => wire.json({ method: "GET", path: `/v1/unknowns/${id(action)}` }),
    settle: (action: string, body: SettleBody): Promise<unknown> =>
      wire.json({ method: "POST", path: `/v1/unknowns/${id(action)}/settle`, body }),
  };
}

export function stopsOf(wire: Wire) {
  return {
    list: async (): Promise<readonly Stop[]> =>
      (await wire.json<{ stops: readonly Stop[] }>({ method: "GET", path: "/v1/stops" })).stops,
    /** One, in force or over, with what became of it. */
    get: (stop: string): Promise<StopView> => wire.json({ method: "GET", path: `/v1/stops/${id(stop)}` }),
    /** In force at once; resolves with what it froze and what was on its way. */
    stop: (body: StopBody): Promise<StopReport> => wire.json({ method: "POST", path: "/v1/stops", body }),
    /** Takes a second person. */
    lift: (stop: string, reason: string): Promise<Lifted> =>
      wire.json({ method: "POST", path: `/v1/stops/${id(stop)}/lift`, body: { reason } }),
  };
}

export function alertsOf(wire: Wire) {
  const page = (query: { readonly cursor?: string; readonly limit?: number } = {}) =>
    wire.json<{ readonly alerts: readonly Alert[]; readonly next?: string }>({
      method: "GET",
      path: "/v1/alerts",
      query,
    });
  return {
    page,
    /** Open ones, oldest first. */
    list: (): AsyncGenerator<Alert> =>
      walk(
        (cursor) => page({ limit: 200, ...(cursor === undefined ? {} : { cursor }) }),
        (found) => found.alerts,
      ),
    settle: (alert: string, reason: string): Promise<Governed> =>
      wire.json({ method: "POST", path: `/v1/alerts/${id(alert)}/settle`, body: { reason } }),
  };
}
