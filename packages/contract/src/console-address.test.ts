import { expect, it } from "vitest";
import { consoleNouns, mayBeBelow } from "./console-address.ts";

const tail = "01m825ak74d16nd9rpt2s43shj";
const digest = `sha256:${"0a".repeat(32)}`;

it.each([
  ["inbox", `act_${tail}`],
  ["inbox", "batches"],
  ["runs", `run_${tail}`],
  ["runs", `run_auto_${"0f".repeat(11)}`],
  ["actions", `dec_${tail}`],
  ["actions", `stp_${tail}/`],
  ["agents", "refund-bot"],
  ["workflows", "docs.upkeep_2"],
  ["tools", "files.write_file"],
  ["tools", `notes.a/b c/${digest}`],
  ["policies", "workflow docs-upkeep/1"],
  ["people", "ana@acme.example"],
  ["stops", `stp_${tail}`],
  ["unknowns", `act_${tail}`],
  ["alerts", `gov_${tail}`],
  ["notices", `ntc_${tail}`],
  ["workbench", `act_${tail}`],
] as const)("/%s/%s can be an address", (noun, rest) => {
  expect(mayBeBelow(noun, rest)).toBe(true);
});

it.each([
  ["inbox", "bogus"],
  ["inbox", "act_short"],
  ["inbox", `act_${tail}/more`],
  ["inbox", `act_${tail}\n`],
  ["runs", `act_${tail}`],
  ["actions", `run_${tail}`],
  ["agents", "no such agent"],
  ["agents", "scribe/keys"],
  ["tools", "write_file"],
  ["people", "a"],
  ["stops", tail],
  ["find", "anything"],
  ["ledger", "1"],
] as const)("/%s/%j can be none", (noun, rest) => {
  expect(mayBeBelow(noun, rest)).toBe(false);
});

it("each noun alone is an address, however many lines follow it", () => {
  for (const noun of consoleNouns) for (const rest of ["", "/"]) expect(mayBeBelow(noun, rest), noun).toBe(true);
});
