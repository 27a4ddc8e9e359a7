import { type Change, compare, list, type Say } from "./change.ts";
import type { Settings } from "./plan-organisation.ts";
import type { VetoSettings } from "./vetoes.ts";

/** A veto can only take away: that one comes is never wider, and that one goes or changes may be. */
export function planVetoes(before: readonly VetoSettings[], after: readonly VetoSettings[]): Change[] {
  return compare(before, after, {
    kind: "veto",
    name: (veto) => veto.name,
    added: (veto) => [`${placeOf(veto)} may refuse ${scopeOf(veto)}`, "none"],
    removed: (veto) => [`${placeOf(veto)} is no longer asked about ${scopeOf(veto)}`, "wider"],
    changed: (was, is, say) => {
      if (placeOf(was) !== placeOf(is)) say(`${placeOf(is)} is asked; it was ${placeOf(was)}`, "unclear");
      if (scopeOf(was) !== scopeOf(is)) say(`it is asked about ${scopeOf(is)}; it was ${scopeOf(was)}`, "wider");
      return placeOf(was) === placeOf(is)
        ? ["workflows", "tools"]
        : [
            "workflows",
            "tools",
            ...(["kind", "url", "path", "credential", "bundle", "digest", "entrypoint"] as never[]),
          ];
    },
  });
}

function placeOf(veto: VetoSettings): string {
  if (veto.kind === "opa-wasm") return `\`${veto.bundle}\` (${veto.digest.slice(0, 19)}…, \`${veto.entrypoint}\`)`;
  const place = veto.kind === "opa-http" ? `\`${veto.path}\` at \`${veto.url}\`` : `\`${veto.url}\``;
  return veto.credential === undefined ? place : `${place}, with the secret \`${veto.credential}\`,`;
}

function scopeOf({ workflows, tools }: VetoSettings): string {
  const what = tools === undefined ? "every tool" : list(tools);
  return `${what}${workflows === undefined ? "" : ` in ${list(workflows)}`}`;
}

/** Whoever gets decisions gets to know what agents do. */
export function sayDecisionLog(was: Settings, is: Settings, say: Say): readonly "decisionLog"[] {
  const [old, now] = [was.decisionLog, is.decisionLog];
  if (JSON.stringify(old) === JSON.stringify(now)) return ["decisionLog"];
  if (now === undefined) say("decisions are no longer sent to a collector");
  else
    say(
      `decisions are sent to \`${now.url}\`${now.credential === undefined ? "" : `, with the secret \`${now.credential}\`,`} with ${{ digest: "a digest of their input", masked: "their input without arguments", full: "their whole input" }[now.input]}`,
      "unclear",
    );
  return ["decisionLog"];
}
