import * as api from "@countersign/contract/api";
import { z } from "zod";
import { Problem } from "../../../floor/problem.ts";
import { checkCompleteness, contextOf, exportLog, readLedger } from "../../../governance/index.ts";
import { requireMay } from "../../../identity/index.ts";
import {
  checkpointAt,
  consistencyProof,
  inclusionProof,
  latestCheckpoint,
  parseTilePath,
  readEntryBundle,
  readTile,
} from "../../../ledger/index.ts";
import { type Answer, asPerson, type Route, route, type Visit } from "../route.ts";
import { logExportType, streamLines } from "../stream-lines.ts";
import { created, ok, receiptOf } from "./answers.ts";

const text = "text/plain; charset=utf-8";
const rest = z.strictObject({ "*": z.string().max(100) });

export const ledgerRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/ledger/checkpoint",
    summary: "The latest signed checkpoint (C2SP tlog-checkpoint)",
    who: "anyone",
    answers: { 200: { type: "text/plain" } },
    async run({ setting }) {
      const latest = await latestCheckpoint(setting.control.parts.db);
      if (latest === null)
        throw new Problem("not_found", "there is no checkpoint yet", { help: "try again in a second" });
      return { status: 200, text: latest.note, type: text };
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/tile/*",
    summary: "A tile of hashes (C2SP tlog-tiles)",
    who: "anyone",
    params: rest,
    answers: { 200: { type: "application/octet-stream" } },
    run: tile,
  }),
  route({
    method: "GET",
    path: "/v1/ledger/tile/entries/*",
    summary: "A bundle of entries: the leaves under one tile, which name agents and people (C2SP tlog-tiles)",
    who: { person: "export" },
    params: rest,
    answers: { 200: { type: "application/octet-stream" } },
    async run(visit) {
      requireMay(asPerson(visit), "export", contextOf(visit.setting.control, {}));
      const named = parseTilePath(`tile/entries/${visit.params["*"]}`);
      if (named === undefined) throw noTile();
      const bytes = await readEntryBundle(visit.setting.control.parts.db, named.index, named.width);
      return { ...bytesOf(bytes), headers: {} };
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/export",
    summary:
      "The whole log, line by line, as `verify --log` reads it: it names agents and people, and holds nothing sealed",
    who: { person: "export", inVerb: true },
    answers: { 200: { type: logExportType } },
    async run(visit) {
      const lines = await exportLog(visit.setting.control, asPerson(visit));
      return {
        status: 200,
        type: logExportType,
        stream(response) {
          streamLines(response, lines).catch((cause: unknown) => {
            visit.setting.log.warn({ cause: String(cause) }, "an export broke off");
            response.destroy();
          });
        },
      };
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/inclusion",
    summary: "Hashes from a leaf to the root of a tree (RFC 6962)",
    who: "anyone",
    query: api.inclusionQuery,
    answers: { 200: { schema: api.inclusion } },
    async run({ setting, query: { index, size } }) {
      const { db } = setting.control.parts;
      await requireCheckpoint(setting, size);
      return ok({ index, size, proof: hashes(await inclusionProof(db, index, size)) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/consistency",
    summary: "Hashes that show that one tree begins with another (RFC 6962)",
    who: "anyone",
    query: api.consistencyQuery,
    answers: { 200: { schema: api.consistency } },
    async run({ setting, query: { from, to } }) {
      const { db } = setting.control.parts;
      if (from > to) throw new Problem("invalid", "`from` is larger than `to`", { at: "/from" });
      await requireCheckpoint(setting, to);
      return ok({ from, to, proof: hashes(await consistencyProof(db, from, to)) });
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/trust",
    summary: "What a verifier pins once, over a way that it trusts",
    who: "anyone",
    answers: { 200: { schema: api.trust } },
    run: async ({ setting }) => ok(await setting.logBook.trust()),
  }),
  route({
    method: "GET",
    path: "/v1/ledger/state",
    summary: "How far the log is: its newest checkpoint, what is not in it yet, and who else has seen which",
    who: { person: "read-action" },
    answers: { 200: { schema: api.ledgerState } },
    run: async ({ setting }) => ok(await readLedger(setting.control, setting.logBook)),
  }),
  route({
    method: "GET",
    path: "/v1/ledger/completeness",
    summary: "What must be on record of each action of a window, and what of it is not, page by page, the newest first",
    who: { person: "read-private", inVerb: true },
    query: api.completenessQuery,
    answers: { 200: { schema: api.completeness } },
    run: async (visit) =>
      ok(
        await checkCompleteness(visit.setting.control, visit.setting.logBook, asPerson(visit), {
          ...visit.query,
          signal: visit.signal,
        }),
      ),
  }),
  route({
    method: "POST",
    path: "/v1/ledger/rotate",
    summary:
      "Introduces a new signing key: the next checkpoint carries both signatures, and the old key never signs again",
    who: { person: "rotate-server-key" },
    answers: { 201: { schema: api.rotated } },
    async run(visit) {
      const { vkey, entry } = await visit.setting.logBook.rotate(asPerson(visit));
      return created({ vkey, ...receiptOf(entry) });
    },
  }),
];

async function tile(visit: Visit<z.output<typeof rest>, undefined, undefined>): Promise<Answer> {
  const named = parseTilePath(`tile/${visit.params["*"]}`);
  if (named === undefined || named.level === "entries") throw noTile();
  const { level, index, width } = named;
  return bytesOf(await readTile(visit.setting.control.parts.db, level, index, width));
}

/** A full tile never changes, and the part of one that has this width neither. */
function bytesOf(bytes: Buffer | null): Answer {
  if (bytes === null) throw noTile();
  return {
    status: 200,
    text: bytes,
    type: "application/octet-stream",
    headers: { "cache-control": "public, max-age=31536000, immutable" },
  };
}

/** Only trees that were signed are proven: an unsigned size would be worth nothing to its reader. */
async function requireCheckpoint(setting: Visit<never, never, never>["setting"], size: number): Promise<void> {
  if (size > 0 && (await checkpointAt(setting.control.parts.db, size)) === null)
    throw new Problem("not_found", `there is no checkpoint of \`${size}\` entries`);
}

function noTile(): Problem {
  return new Problem("not_found", "there is no such tile");
}

function hashes(proof: readonly Buffer[]): readonly string[] {
  return proof.map((hash) => hash.toString("base64"));
}
