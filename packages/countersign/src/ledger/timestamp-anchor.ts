import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { Anchor } from "./anchor.ts";
import { askPlace } from "./ask-place.ts";
import { timestampNonce, timestampRequest } from "./timestamp-request.ts";
import { insertTimestamp, latestTimestamps } from "./timestamp-sql.ts";

export interface TimestampAuthority {
  readonly url: string;
  /** A file of certificates in PEM: those that sign, or from which those that sign descend. */
  readonly certificates: string;
  readonly everyMs?: number;
}

/** More than this, beyond the accuracy that it claims, and the authority's clock or this machine's is wrong. */
const longestSkewMs = 60_000;

/**
 * A timestamp authority (RFC 3161) as a witness of when: it remembers nothing, so its answers are kept beside the
 * checkpoints. What `last` gives is the newest checkpoint for which a kept answer still holds.
 */
export function timestampAnchor(tx: Tx, clock: Clock, authority: TimestampAuthority): Anchor {
  const { url, certificates, everyMs } = authority;
  return {
    name: `tsa ${url}`,
    ...(everyMs === undefined ? {} : { everyMs }),
    async last() {
      const kept = (await latestTimestamps(tx)).find((row) => row.authority === url);
      if (kept === undefined) return null;
      const { checkTimestamp } = await import("./check-timestamp.ts");
      try {
        checkTimestamp(kept.answer, { digest: digestOf(kept.note) }, readCertificates(certificates));
      } catch (cause) {
        const why = cause instanceof Problem ? cause.detail : "it cannot be read";
        throw new Problem(
          "conflict",
          `the timestamp by \`${url}\` of the first \`${kept.size}\` entries does not hold: ${why}`,
          {
            help: `\`${certificates}\` must keep the certificates of every authority whose timestamps are kept; otherwise the checkpoint was changed: restore the newest backup`,
            cause,
          },
        );
      }
      return kept.note;
    },
    async publish(note, size) {
      const trusted = readCertificates(certificates);
      const digest = digestOf(note);
      const nonce = timestampNonce();
      const askedMs = clock.now();
      const { status, body: answer } = await askPlace(url, {
        method: "POST",
        headers: { "content-type": "application/timestamp-query", accept: "application/timestamp-reply" },
        body: timestampRequest(digest, nonce),
      });
      if (status !== 200) throw new Problem("unavailable", `it answers ${status}`);
      const { checkTimestamp } = await import("./check-timestamp.ts");
      const { at, accuracyMs } = checkTimestamp(answer, { digest, nonce }, trusted);
      const slackMs = longestSkewMs + accuracyMs;
      const atMs = Date.parse(at);
      if (atMs < askedMs - slackMs || atMs > clock.now() + slackMs)
        throw new Problem(
          "invalid",
          `the authority's time \`${at}\` differs from this machine's by ${Math.round((atMs - askedMs) / 1000)} s`,
        );
      await insertTimestamp(tx, { size, authority: url, at, answer });
    },
  };
}

/** What is sent, and what `openssl ts -verify -data` computes again: SHA-256 of the signed note's bytes. */
export function digestOf(note: string): Buffer {
  return createHash("sha256").update(note, "utf8").digest();
}

const pemForm = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Read at each use, so that a file that is put right counts at once. */
export function readCertificates(file: string): readonly X509Certificate[] {
  try {
    const found = readFileSync(file, "utf8").match(pemForm) ?? [];
    if (found.length > 0) return found.map((pem) => new X509Certificate(pem));
  } catch (cause) {
    throw new Problem("invalid", `the authority's certificates \`${file}\` cannot be read`, { cause });
  }
  throw new Problem("invalid", `\`${file}\` holds no certificate`, {
    help: "put them there in PEM, one after another",
  });
}
