import * as api from "@countersign/contract/api";
import { z } from "zod";
import type { Route, Who } from "./route.ts";

/** OpenAPI 3.1 of the table of routes: what is not in the table is not served, and all of it is here. */
export function openApi(routes: readonly Route[], publicUrl: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = pathOf(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Countersign", version: "0.1.0", license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: publicUrl }],
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "an agent's key or token, or a person's CLI credential",
        },
        session: { type: "apiKey", in: "cookie", name: "countersign", description: "a session of the console" },
      },
      schemas: { Problem: jsonSchema(api.problem, "output") },
    },
    paths,
  };
}

/** `/v1/actions/:id` as `/v1/actions/{id}`. */
export function pathOf(route: Pick<Route, "path">): string {
  return route.path.replace(/:([a-z]+)/gi, "{$1}").replace(/\*$/, "{rest}");
}

function operation(route: Route): object {
  const type = route.form === true || route.rawForm === true ? "application/x-www-form-urlencoded" : "application/json";
  const schema = route.body === undefined ? {} : jsonSchema(route.body, "input");
  const hasBody = route.body !== undefined || route.rawForm === true;
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace("*", "rest").replace(/[^A-Za-z0-9]+(.)?/g, (_, next = "") => String(next).toUpperCase())}`,
    summary: route.summary,
    ...(route.who === "anyone" ? { security: [] } : { security: [{ bearer: [] }, { session: [] }] }),
    "x-countersign-who": whoOf(route.who),
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query")],
    ...(hasBody ? { requestBody: { required: true, content: { [type]: { schema } } } } : {}),
    responses: responses(route),
  };
}

function whoOf(who: Who | "anyone"): object | string {
  if (who === "anyone") return who;
  return { agent: who.agent === true, person: who.person ?? null };
}

function parameters(schema: z.ZodType | undefined, where: "path" | "query"): readonly object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    properties?: Record<string, object>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, inner]) => ({
    name: name === "*" ? "rest" : name,
    in: where,
    required: where === "path" || required.includes(name),
    schema: inner,
  }));
}

function responses(route: Route): object {
  const problem = {
    description: "a problem of the closed table",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  const made = Object.entries(route.answers).map(([status, { schema, type = "application/json" }]) => [
    status,
    {
      description: status === "202" ? "it waits or runs" : route.summary,
      content: { [type]: schema === undefined ? {} : { schema: jsonSchema(schema, "output") } },
    },
  ]);
  return { ...Object.fromEntries(made), default: problem };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
