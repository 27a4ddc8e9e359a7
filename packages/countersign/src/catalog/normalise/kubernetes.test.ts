import type { JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      hostNetwork: false
      containers:
        - { name: web, image: "ghcr.io/acme/web:1.2" }
      initContainers:
        - { name: init, image: busybox }
`;
const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: system:reader
`;

function pod(spec: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n${spec}`;
}

describe("Kubernetes objects", () => {
  it("are read from a text of several documents", () => {
    expect(read("kubernetes", `---\n${deployment}---\n\n---\n${role}`)).toEqual({
      kinds: ["ClusterRole", "Deployment"],
      groups: ["apps", "rbac.authorization.k8s.io"],
      namespaces: ["shop"],
      names: ["system:reader", "web"],
      objects: ["ClusterRole//system:reader", "Deployment/shop/web"],
      images: ["busybox", "ghcr.io/acme/web:1.2"],
      capabilities: [],
      namespaced: false,
      privileged: false,
      hostPath: false,
      hostNetwork: false,
      hostNamespaces: false,
      count: 2,
    });
  });

  it("are the same from an object, a list and JSON", () => {
    const object: JsonObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: {} };
    const list: JsonObject = { apiVersion: "v1", kind: "List", items: [object, object] };
    expect(read("kubernetes", object)).toMatchObject({ kinds: ["Pod"], count: 1 });
    expect(read("kubernetes", list)).toMatchObject({ kinds: ["Pod"], count: 2 });
    expect(read("kubernetes", JSON.stringify(list))).toEqual(read("kubernetes", list));
    expect(read("kubernetes", [object, list])).toMatchObject({ count: 3 });
  });

  it.each([
    ["privileged", "  containers: [{ name: a, image: a, securityContext: { privileged: true } }]"],
    ["privileged", "  containers: [{ name: a, image: a, securityContext: { privileged: yes } }]"],
    ["privileged", "  containers: [{ name: a, image: a, securityContext: { privileged: 'true' } }]"],
    ["privileged", "  ephemeralContainers: [{ name: a, image: a, securityContext: { privileged: 1 } }]"],
    ["hostPath", "  volumes: [{ name: a, hostPath: { path: / } }]"],
    ["hostNetwork", "  hostNetwork: true"],
    ["hostNetwork", "  hostNetwork: on"],
    ["hostNamespaces", "  hostPID: true"],
    ["hostNamespaces", "  hostIPC: true"],
  ])("say that they are %s: %s", (flag, spec) => {
    expect(read("kubernetes", pod(spec))).toMatchObject({ [flag]: true });
  });

  it("say what their containers may do beside", () => {
    const adds = (list: string) =>
      read("kubernetes", pod(`  containers: [{ image: a, securityContext: { capabilities: { add: ${list} } } }]`));
    expect(adds("[SYS_ADMIN, cap_net_admin, SYS_ADMIN]")).toMatchObject({ capabilities: ["NET_ADMIN", "SYS_ADMIN"] });
    expect(adds("null")).toMatchObject({ capabilities: [] });
    for (const list of ["ALL", "[1]", "['a b']", "[{}]"]) expect(adds(list), list).toBeTypeOf("string");
    for (const member of ["capabilities: { Add: [ALL] }", "Capabilities: { add: [ALL] }"])
      expect(read("kubernetes", pod(`  securityContext: { ${member} }`)), member).toBeTypeOf("string");
    expect(read("kubernetes", pod("  capabilities: { drop: [ALL] }"))).toMatchObject({ capabilities: [] });
  });

  it("are looked into wherever a pod can stand, and not where text is kept", () => {
    const cron = `apiVersion: batch/v1\nkind: CronJob\nspec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: evil }], hostPID: true } } } } }\n`;
    expect(read("kubernetes", cron)).toMatchObject({ images: ["evil"], hostNamespaces: true, names: [] });
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { privileged: "x", image: "not one", Image: "x" }\n`;
    expect(read("kubernetes", map)).toMatchObject({ images: [], privileged: false });
  });

  it.each([
    ["an alias", "a: &a [1]\napiVersion: v1\nkind: Pod\nb: *a"],
    [
      "a bomb of aliases",
      `a: &a [x,x]\n${"bcdefgh"
        .split("")
        .map((c, i) => `${c}: &${c} [*${"abcdefg"[i]},*${"abcdefg"[i]}]`)
        .join("\n")}\napiVersion: v1\nkind: Pod`,
    ],
    ["an anchor", "apiVersion: v1\nkind: &k Pod"],
    ["a tag", "apiVersion: v1\nkind: !!str Pod"],
    ["a merge", "apiVersion: v1\nkind: Pod\n<<: { kind: Secret }"],
    ["a key twice", "apiVersion: v1\nkind: Pod\nkind: Secret"],
    ["a key twice, in JSON", '{"apiVersion":"v1","kind":"Pod","kind":"Secret"}'],
    ["a key twice, once quoted", 'apiVersion: v1\nkind: Pod\n"kind": Secret'],
    ["a key twice, once escaped", '{"apiVersion":"v1","kind":"Pod","\\u006bind":"Secret"}'],
    ["a prototype", '{"apiVersion":"v1","kind":"Pod","__proto__":{"a":1}}'],
    ["a directive", "%YAML 1.1\n---\napiVersion: v1\nkind: Pod"],
    ["an end of a document", "apiVersion: v1\nkind: Pod\n...\napiVersion: v1\nkind: Secret"],
    ["text on the line of a separator", "apiVersion: v1\nkind: Pod\n--- {apiVersion: v1, kind: Secret}"],
    ["a separator that is none", "apiVersion: v1\nkind: Pod\nx: 'a\n---b'"],
    ["a tab", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x"],
    ["a lone carriage return", "apiVersion: v1\rkind: Pod"],
    ["a next line", "apiVersion: v1 # x\u0085kind: Secret\nkind: Pod"],
    ["a line separator", "apiVersion: v1 # x\u2028kind: Secret\nkind: Pod"],
    ["a byte order mark", "\ufeffapiVersion: v1\nkind: Pod"],
    ["NUL", "apiVersion: v1\nkind: Pod\n\u0000"],
    ["a member in another case", "apiVersion: v1\nkind: Pod\nspec: { HostNetwork: true }"],
    ["a kind in another case", "apiVersion: v1\nKind: Secret\nkind: Pod"],
    ["a name in another case", "apiVersion: v1\nkind: Pod\nmetadata: { Namespace: prod }"],
    ["no kind", "apiVersion: v1"],
    ["a kind in lower case", "apiVersion: v1\nkind: pod"],
    ["a namespace that is a truth value to some", "apiVersion: v1\nkind: Pod\nmetadata: { namespace: no }"],
    ["a name that is a number to some", "apiVersion: v1\nkind: Pod\nmetadata: { name: 012 }"],
    ["a name that is an angle to some", "apiVersion: v1\nkind: Pod\nmetadata: { name: 1:20 }"],
    ["a Cyrillic letter", "apiVersion: v1\nkind: Роd"],
    ["a zero-width space", "apiVersion: v1\nkind: Pod\nmetadata: { namespace: 'prod\u200b' }"],
    ["an image of two words", pod("  containers: [{ image: 'a b' }]")],
    ["items that are no list", "apiVersion: v1\nkind: List\nitems: { a: 1 }"],
    [
      "items in what is no list",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: dev }\nitems: [{ apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: { name: b } }]",
    ],
    [
      "items in what is no list, in JSON",
      '{"apiVersion":"v1","kind":"Pod","items":[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}]}',
    ],
    ["items that are null in what is no list", "apiVersion: v1\nkind: Pod\nitems: null"],
    [
      "items beside items in another case",
      "apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: web } }]\nItems: [{ apiVersion: v1, kind: Pod, metadata: { name: b, namespace: kube-system }, spec: { hostNetwork: true } }]",
    ],
    [
      "a list whose kind is in another case beside",
      "apiVersion: v1\nkind: List\nKind: Pod\nitems: [{ apiVersion: v1, kind: Pod }]",
    ],
    ["items without a kind", "apiVersion: v1\nitems: []"],
    [
      "items in an item that is no list",
      "apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Pod, items: [{ apiVersion: v1, kind: Secret }] }]",
    ],
    ["an item without a kind", "apiVersion: v1\nkind: PodList\nitems: [{ metadata: {} }]"],
    ["a list of texts", "- a"],
    ["no document", "---\n---\n"],
    ["a mere text", "Pod"],
    ["a thousand brackets", `a: ${"[".repeat(1_000)}${"]".repeat(1_000)}`],
    ["a thousand dashes", `${"- ".repeat(1_000)}a`],
    ["a thousand folders", Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["keys that are maps", "apiVersion: v1\nkind: Pod\n? { a: 1 }\n: b"],
  ])("with %s are no clean ones", (_, text) => {
    expect(read("kubernetes", text)).toBeTypeOf("string");
  });

  it("are bounded in number before they are looked at", () => {
    const one = { apiVersion: "v1", kind: "Pod" };
    expect(
      read("kubernetes", { apiVersion: "v1", kind: "List", items: Array.from({ length: 5_001 }, () => one) }),
    ).toBe("it is no Kubernetes object, or too many");
    let nested: JsonObject = one;
    for (let at = 0; at < 3_000; at++) nested = { apiVersion: "v1", kind: "List", items: [nested] };
    expect(read("kubernetes", nested)).toMatchObject({ count: 1 });
    expect(
      read(
        "kubernetes",
        `apiVersion: v1\nkind: Pod\n${Array.from({ length: 25_000 }, (_, at) => `k${at}: 1`).join("\n")}`,
      ),
    ).toBe("it is too large");
  });
});
