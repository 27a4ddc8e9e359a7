import type { AnswersPage, Batch, Glass, Grant } from "@countersign/client";
import type { Column } from "../parts/save.tsx";
import { utc } from "../runs/export-rows.ts";
import type { Row } from "./use-inbox.ts";

/** What a file of each list of the inbox says of a row. */

export const waitingColumns: readonly Column<Row>[] = [
  { name: "action", of: ({ line }) => line.id },
  { name: "risk", of: ({ line }) => line.risk?.level ?? null },
  { name: "agent", of: ({ line }) => line.agent },
  { name: "workflow", of: ({ line }) => line.workflow },
  { name: "tool", of: ({ line }) => `${line.server}.${line.tool}` },
  { name: "target", of: ({ line }) => line.target },
  { name: "environment", of: ({ line }) => line.environment },
  { name: "undoes", of: ({ line }) => line.undoes?.action ?? null },
  { name: "opened_at", of: ({ line }) => utc(line.openedAt) },
  { name: "expires_at", of: ({ line }) => (line.expiresAt === undefined ? null : utc(line.expiresAt)) },
  { name: "yours", of: ({ line }) => line.yours },
  { name: "frozen_by", of: ({ line }) => line.frozenBy ?? null },
  { name: "voided", of: ({ line }) => line.voided ?? null },
  // Of what stands on the next page nobody knows here whether it waits.
  { name: "waits", of: ({ ended, isBehind }) => (isBehind ? null : !ended) },
];

export interface Together {
  /** Which of the batches that are shown, from 1. */
  readonly at: number;
  readonly batch: Batch;
  readonly item: Batch["items"][number];
}

export const togetherColumns: readonly Column<Together>[] = [
  { name: "batch", of: ({ at }) => at },
  { name: "action", of: ({ item }) => item.id },
  { name: "agent", of: ({ item }) => item.agent },
  { name: "workflow", of: ({ item }) => item.workflow },
  { name: "tool", of: ({ item }) => `${item.server}.${item.tool}` },
  { name: "target", of: ({ item }) => item.target },
  { name: "environment", of: ({ item }) => item.environment },
  { name: "effect", of: ({ item }) => (item.effect?.known === true ? item.effect.sentence : null) },
  { name: "shape", of: ({ batch }) => batch.shape.join("; ") },
  { name: "risk", of: ({ batch }) => batch.risk.join(", ") },
  { name: "opened", of: ({ item }) => item.opened },
];

export const grantColumns: readonly Column<Grant>[] = [
  { name: "grant", of: ({ id }) => id },
  { name: "state", of: ({ state }) => state },
  { name: "because", of: ({ because }) => because ?? null },
  { name: "agent", of: ({ agent }) => agent },
  { name: "tool", of: ({ server, tool }) => `${server}.${tool}` },
  { name: "target", of: ({ shape, target }) => (shape.target === "exact" ? target : null) },
  { name: "environment", of: ({ environment }) => environment },
  { name: "may_differ", of: ({ shape }) => Object.keys(shape.arguments).join(", ") },
  { name: "until", of: ({ until }) => utc(until) },
  { name: "uses", of: ({ uses }) => uses },
  { name: "used", of: ({ used }) => used },
  { name: "by", of: ({ by }) => by },
  { name: "reason", of: ({ reason }) => reason },
  { name: "approval", of: ({ approval }) => approval },
];

export const glassColumns: readonly Column<Glass>[] = [
  { name: "glass", of: ({ id }) => id },
  { name: "state", of: ({ state }) => state },
  { name: "by", of: ({ by }) => by },
  { name: "as", of: ({ as }) => as },
  { name: "at", of: ({ at }) => utc(at) },
  { name: "reason", of: ({ reason }) => reason ?? null },
  { name: "agent", of: ({ agent }) => agent },
  { name: "workflow", of: ({ workflow }) => workflow },
  { name: "tool", of: ({ tool }) => tool },
  { name: "action", of: ({ action }) => action },
  { name: "review_by", of: ({ reviewBy }) => utc(reviewBy) },
  { name: "reviewed_at", of: ({ reviewedAt }) => (reviewedAt === undefined ? null : utc(reviewedAt)) },
  { name: "reviewed_by", of: ({ reviewedBy }) => reviewedBy ?? null },
  { name: "found", of: ({ found }) => found ?? null },
];

export const answerColumns: readonly Column<AnswersPage["answers"][number]>[] = [
  { name: "action", of: ({ action }) => action },
  { name: "answered_at", of: ({ at }) => utc(at) },
  { name: "verdict", of: ({ verdict }) => verdict },
  { name: "reason", of: ({ reason }) => reason },
  { name: "looked_ms", of: ({ dwellMs }) => dwellMs },
  { name: "agent", of: ({ agent }) => agent },
  { name: "tool", of: ({ server, tool }) => `${server}.${tool}` },
  { name: "target", of: ({ target }) => target },
  { name: "state", of: ({ canary, state }) => (canary === undefined ? state : null) },
  { name: "seeded", of: ({ canary }) => (canary === undefined ? null : canary.caught ? "caught" : "missed") },
  { name: "sentence", of: ({ canary, voided, sentence }) => canary?.sentence ?? voided ?? sentence },
];
