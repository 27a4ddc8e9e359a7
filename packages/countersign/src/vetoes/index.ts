export { type OpenVetoes, openVetoes } from "./open-vetoes.ts";
export { depthHeader, isAttached, ruleDigest, type VetoRule } from "./veto.ts";
