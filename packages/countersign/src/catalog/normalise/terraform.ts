import { type Json, type JsonObject, parseJson } from "@countersign/contract";
import { isRecord, type Normaliser, setOf, Unclean } from "./shape.ts";

const mostBytes = 4_194_304;
const mostChanges = 20_000;

/** Names of resource types that give somebody rights, over the common providers. */
const permissions =
  /(?:^|_)(?:iam|role|roles|policy|policies|rbac|access|permission|permissions|service_account|service_principal|user|group|membership|credential|kms|secret|acl|organization|oidc|saml)(?:_|$)|_(?:role|policy)_/;
/** Names of resource types that say what reaches what. */
const network =
  /(?:^|_)(?:vpc|subnet|subnetwork|network|networks|security_group|firewall|nsg|route|route53|router|gateway|nat|peering|endpoint|dns|lb|alb|elb|load_balancer|listener|ingress|egress|vpn|ip|eip|acl|interconnect|cloudfront|cdn)(?:_|$)/;

const kinds: { readonly [actions: string]: "creates" | "updates" | "replaces" | "deletes" | "reads" | "none" } = {
  create: "creates",
  update: "updates",
  "delete,create": "replaces",
  "create,delete": "replaces",
  delete: "deletes",
  forget: "deletes",
  read: "reads",
  "no-op": "none",
};

/** A plan as `terraform show -json` prints it: what it would change. It says nothing of whether that plan is what is applied. */
export const terraform: Normaliser = {
  takes: ["string", "object"],
  shape: {
    creates: "long",
    updates: "long",
    replaces: "long",
    deletes: "long",
    count: "long",
    types: "texts",
    addresses: "texts",
    permissions: "boolean",
    network: "boolean",
  },
  read(value) {
    const plan = typeof value === "string" ? parsed(value) : value;
    if (!isRecord(plan) || !isPlan(plan)) throw new Unclean("it is no complete Terraform plan of format 1");
    const listed = plan.resource_changes ?? [];
    if (!Array.isArray(listed) || listed.length > mostChanges)
      throw new Unclean("its changes are no list, or too many");
    const counts = { creates: 0, updates: 0, replaces: 0, deletes: 0 };
    const types: string[] = [];
    const addresses: string[] = [];
    for (const one of listed as readonly Json[]) {
      const { kind, type, address } = change(one);
      if (kind === "none" || kind === "reads") continue;
      counts[kind]++;
      types.push(type);
      addresses.push(address);
    }
    return {
      ...counts,
      count: addresses.length,
      types: setOf(types),
      addresses: setOf(addresses),
      permissions: types.some((type) => permissions.test(type)),
      network: types.some((type) => network.test(type)),
    };
  },
};

function parsed(text: string): Json {
  try {
    return parseJson(text, { maxBytes: mostBytes });
  } catch {
    throw new Unclean("it is no JSON that every reader reads alike");
  }
}

/** A plan that is whole: not failed, not partial, without what this does not count. */
function isPlan(plan: JsonObject): boolean {
  const extra = [plan.deferred_changes, plan.deferred_action_invocations, plan.action_invocations];
  return (
    typeof plan.format_version === "string" &&
    /^1\.[0-9]{1,3}$/.test(plan.format_version) &&
    typeof plan.terraform_version === "string" &&
    (plan.errored ?? false) === false &&
    (plan.complete ?? true) === true &&
    extra.every((one) => one === undefined || (Array.isArray(one) && one.length === 0))
  );
}

function change(one: Json) {
  if (!isRecord(one) || !isRecord(one.change) || !Array.isArray(one.change.actions))
    throw new Unclean("it has a change without actions");
  const actions = (one.change.actions as readonly Json[]).join(",");
  const kind = Object.hasOwn(kinds, actions) ? kinds[actions] : undefined;
  const { type, address } = one;
  if (kind === undefined) throw new Unclean("it has a change of a kind that is not known");
  if (typeof type !== "string" || !/^[a-z][a-z0-9_]{0,127}$/.test(type))
    throw new Unclean("it has a change without a type");
  if (typeof address !== "string" || address === "" || address.length > 1_024 || !address.isWellFormed())
    throw new Unclean("it has a change without an address");
  return { kind, type, address };
}
