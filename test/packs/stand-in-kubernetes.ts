import { type Answer, type Asked, missing, type Service, stateOf } from "./stand-in.ts";

const verbs = ["get", "list", "patch", "update", "create", "delete"];
const deployments = { singularName: "deployment", namespaced: true, kind: "Deployment", verbs };

/** One deployment of a cluster, as far as its scale goes. */
export function kubernetes(): Service {
  const scale = { replicas: 3, version: 1 };
  const asScale = () => ({
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "web", namespace: "shop", resourceVersion: String(scale.version) },
    spec: scale.replicas === 0 ? {} : { replicas: scale.replicas },
    status: { replicas: scale.replicas, selector: "app=web" },
  });
  return {
    state: () => stateOf({ scale: { replicas: scale.replicas } }),
    answer(asked: Asked): Answer {
      switch (asked.path) {
        case "/version":
          return { body: { major: "1", minor: "34", gitVersion: "v1.34.0" } };
        case "/api":
          return { body: { kind: "APIVersions", versions: ["v1"] } };
        case "/api/v1":
          return { body: { kind: "APIResourceList", groupVersion: "v1", resources: [] } };
        case "/apis": {
          const version = { groupVersion: "apps/v1", version: "v1" };
          const groups = [{ name: "apps", versions: [version], preferredVersion: version }];
          return { body: { kind: "APIGroupList", apiVersion: "v1", groups } };
        }
        case "/apis/apps/v1": {
          const resources = [
            { name: "deployments", ...deployments },
            { name: "deployments/scale", ...deployments, group: "autoscaling", version: "v1", kind: "Scale" },
          ];
          return { body: { kind: "APIResourceList", apiVersion: "v1", groupVersion: "apps/v1", resources } };
        }
        case "/apis/apps/v1/namespaces/shop/deployments/web/scale": {
          const { spec } = asked.body;
          if (asked.method !== "GET") {
            const replicas = typeof spec === "object" && spec !== null && "replicas" in spec ? spec.replicas : 0;
            scale.replicas = Number(replicas);
            scale.version++;
          }
          return { body: asScale() };
        }
        default:
          return missing(asked);
      }
    },
  };
}
