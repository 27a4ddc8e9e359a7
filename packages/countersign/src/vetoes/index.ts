export { type OpenVetoes, openVetoes } from "./open-vetoes.ts";
export { deepest, depthHeader, isAttached, ruleDigest, type VetoRule } from "./veto.ts";
