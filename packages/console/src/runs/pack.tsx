import type { ActionLine, ActionReceipt } from "@countersign/client";
import { useRef, useState } from "react";
import { fetched } from "../parts/later.ts";
import { Trouble } from "../parts/trouble.tsx";
import { ask, plane } from "../plane.ts";
import { atRest } from "./at-rest.ts";
import { saveText } from "./download.ts";

interface Progress {
  readonly done: number;
  readonly all: number;
}

const atOnce = 4;

/** Receipts and bundles of all actions of a run as one file, one JSON value a line; the first names them. `verify --pack` reads it. */
export function Pack({ run }: { readonly run: string }) {
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<unknown>();
  const stop = useRef<AbortController>(undefined);
  const gather = async (): Promise<void> => {
    setError(undefined);
    const abort = new AbortController();
    stop.current = abort;
    try {
      const ids = await idsOf(run, abort.signal);
      setProgress({ done: 0, all: ids.length });
      const { packType, stepsIn } = await fetched(() => import("./verify.ts"));
      const trust = await plane().ledger.trust();
      const lines = [JSON.stringify({ type: packType, v: 1, run, actions: ids, trust })];
      for (let at = 0; at < ids.length; at += atOnce) {
        abort.signal.throwIfAborted();
        lines.push(...(await Promise.all(ids.slice(at, at + atOnce).map((id) => lineOf(id, stepsIn)))));
        setProgress({ done: Math.min(at + atOnce, ids.length), all: ids.length });
      }
      saveText(`${run}.evidence.jsonl`, "application/x-ndjson", `${lines.join("\n")}\n`);
    } catch (thrown) {
      if (!abort.signal.aborted) setError(thrown);
    } finally {
      setProgress(undefined);
    }
  };
  if (error !== undefined) return <Trouble of={error} again={() => void gather()} />;
  if (progress === undefined)
    return (
      <button type="button" onClick={() => void gather()}>
        Save the evidence of this run
      </button>
    );
  return (
    <span role="status">
      <progress value={progress.done} max={progress.all} aria-label="Receipts and bundles read" /> {progress.done} of{" "}
      {progress.all}{" "}
      <button type="button" onClick={() => stop.current?.abort()}>
        Not now
      </button>
    </span>
  );
}

async function idsOf(run: string, signal: AbortSignal): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { cursor, limit: 200 };
    const page = await ask<{ actions: readonly ActionLine[]; next?: string }>(`/v1/runs/${run}/actions`, {
      query,
      signal,
    });
    ids.push(...page.actions.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids.toReversed();
}

/** The bundle stands in it as its own bytes' text: it verifies offline only byte for byte. */
async function lineOf(id: string, stepsIn: (bundle: Uint8Array) => number): Promise<string> {
  const { receipts } = plane();
  const { receipt, bundle } = await atRest({
    // Of an action there is no other receipt.
    receipt: () => receipts.get(id) as Promise<ActionReceipt>,
    bundle: () => receipts.bundle(id),
    stepsIn,
  });
  return JSON.stringify({ action: id, receipt, bundle: new TextDecoder().decode(bundle) });
}
