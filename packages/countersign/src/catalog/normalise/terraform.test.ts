import type { Json, JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";

function plan(changes: readonly Json[], more: JsonObject = {}): JsonObject {
  return { format_version: "1.2", terraform_version: "1.13.4", resource_changes: changes, ...more };
}

function change(type: string, ...actions: readonly string[]): JsonObject {
  return { address: `${type}.x`, mode: "managed", type, name: "x", change: { actions } };
}

describe("a Terraform plan", () => {
  it("is counted by what it changes", () => {
    const value = plan([
      change("aws_s3_bucket", "create"),
      change("aws_instance", "update"),
      change("aws_db_instance", "delete", "create"),
      change("aws_db_proxy", "create", "delete"),
      change("aws_sqs_queue", "delete"),
      change("aws_sns_topic", "forget"),
      change("aws_ami", "read"),
      change("aws_kinesis_stream", "no-op"),
    ]);
    const summary = {
      creates: 1,
      updates: 1,
      replaces: 2,
      deletes: 2,
      count: 6,
      permissions: false,
      network: false,
      types: ["aws_db_instance", "aws_db_proxy", "aws_instance", "aws_s3_bucket", "aws_sns_topic", "aws_sqs_queue"],
    };
    expect(read("terraform", value)).toMatchObject(summary);
    expect(read("terraform", JSON.stringify(value))).toEqual(read("terraform", value));
    expect(read("terraform", plan([]))).toMatchObject({ count: 0, types: [] });
  });

  it.each([
    ["aws_iam_role_policy_attachment", "permissions"],
    ["google_project_iam_member", "permissions"],
    ["azurerm_role_assignment", "permissions"],
    ["kubernetes_cluster_role_binding", "permissions"],
    ["aws_security_group_rule", "network"],
    ["google_compute_firewall", "network"],
    ["azurerm_network_security_rule", "network"],
    ["aws_route53_record", "network"],
  ])("with %s touches %s", (type, attribute) => {
    expect(read("terraform", plan([change(type, "update")]))).toMatchObject({ [attribute]: true });
    expect(read("terraform", plan([change(type, "no-op")]))).toMatchObject({ [attribute]: false });
  });

  it.each<[string, Json]>([
    ["a failure", plan([], { errored: true })],
    ["a part missing", plan([], { complete: false })],
    ["changes put off", plan([], { deferred_changes: [{}] })],
    ["actions that are no changes", plan([], { action_invocations: [{}] })],
    ["another format", { ...plan([]), format_version: "2.0" }],
    ["no format", { resource_changes: [] }],
    ["an action that nobody knows", plan([change("aws_instance", "annihilate")])],
    ["no action", plan([change("aws_instance")])],
    ["an action of a prototype", plan([change("aws_instance", "constructor")])],
    ["actions in one text", plan([change("aws_instance", "delete,create", "x")])],
    ["actions that are no list", plan([{ address: "a", type: "a", change: { actions: "delete" } }])],
    ["a change without a type", plan([{ address: "a", change: { actions: ["delete"] } }])],
    ["a change that is a text", plan(["delete"])],
    ["changes that are an object", plan({ 0: change("a", "delete") } as unknown as readonly Json[])],
    ["a member twice", '{"format_version":"1.2","terraform_version":"1","resource_changes":[],"resource_changes":[]}'],
    ["a comment", '{"format_version":"1.2" /* */}'],
    ["a text that is no JSON", "Plan: 1 to add, 0 to change, 0 to destroy."],
    ["a number that a double alters", '{"format_version":"1.2","terraform_version":"1","x":9007199254740993}'],
    ["a lone surrogate", plan([{ address: "a\ud800", type: "a", change: { actions: ["delete"] } }])],
  ])("with %s is no clean one", (_, value) => {
    expect(read("terraform", value)).toBeTypeOf("string");
  });
});
