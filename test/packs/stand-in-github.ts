import { type Answer, type Asked, missing, type Service, stateOf, type Thing } from "./stand-in.ts";

const user = { login: "bo", id: 1 };
const url = "http://github.acme.example";

/** REST for issues and pull requests; of GraphQL, the questions that this server asks, told apart by their words. */
export function github(): Service {
  const issue: Thing = {
    id: 40,
    number: 4,
    title: "t",
    body: "b",
    state: "open",
    user,
    labels: [],
    html_url: url,
    node_id: "I",
    under: [],
  };
  const pull: Thing = {
    id: 30,
    number: 3,
    title: "t",
    state: "open",
    user,
    head: { ref: "a", sha: "1" },
    base: { ref: "main", sha: "2" },
    html_url: url,
    node_id: "PR",
    pending: false,
  };
  const labels = new Map<string, Thing>([["old", { id: "L_old", name: "old", color: "ff0000", description: "was" }]]);

  const rest = (asked: Asked): Answer => {
    const { method, path, body } = asked;
    if (path.includes("/sub_issue")) {
      const under = issue.under as number[];
      const id = Number(body.sub_issue_id);
      if (method === "POST" && under.includes(id)) return { status: 422, body: { message: "it has a parent" } };
      issue.under = method === "POST" ? [...under, id] : under.filter((one) => one !== id);
      return { status: method === "POST" ? 201 : 200, body: issue };
    }
    const thing = /\/pulls\/3$/.test(path) ? pull : /\/issues\/4$/.test(path) ? issue : undefined;
    if (thing === undefined) return missing(asked);
    if (method === "PATCH") Object.assign(thing, body);
    return { body: thing };
  };

  const review = () => (pull.pending === true ? [{ id: "R", state: "PENDING", url }] : []);
  const byId = (id: unknown) => [...labels.values()].find((label) => label.id === id);
  const mutate = (text: string, input: Thing): Thing | string => {
    const name = String(input.name ?? "");
    if (text.includes("createLabel(")) {
      if (labels.has(name)) return "name has already been taken";
      labels.set(name, { id: `L_${name}`, name, color: input.color ?? "", description: input.description ?? "" });
      return { createLabel: { label: { name, id: `L_${name}` } } };
    }
    const label = byId(input.id);
    if (text.includes("updateLabel(") && label !== undefined) {
      if (input.color !== undefined) label.color = input.color;
      return { updateLabel: { label: { name: label.name ?? "", id: label.id ?? "" } } };
    }
    if (text.includes("deleteLabel(") && label !== undefined) {
      labels.delete(String(label.name));
      return { deleteLabel: { clientMutationId: null } };
    }
    if (text.includes("addPullRequestReview(")) {
      if (pull.pending === true) return "one pending review for each pull request";
      pull.pending = true;
      return { addPullRequestReview: { pullRequestReview: { id: "R" } } };
    }
    if (text.includes("deletePullRequestReview(")) {
      pull.pending = false;
      return { deletePullRequestReview: { pullRequestReview: { id: "R" } } };
    }
    for (const [word, state] of [
      ["updateIssue", input.state],
      ["closeIssue", "CLOSED"],
      ["reopenIssue", "OPEN"],
    ] as const) {
      if (!text.includes(`${word}(`)) continue;
      issue.state = state === "CLOSED" ? "closed" : "open";
      return { [word]: { issue: { id: "I", number: 4, url, state: state ?? "OPEN" } } };
    }
    return "not known here";
  };

  const ask = (text: string, variables: Thing): Thing | string => {
    if (text === "{viewer{login}}") return { viewer: { login: user.login } };
    if (text.includes("{issue(number: $issueNumber){id}}")) return { repository: { issue: { id: "I" } } };
    if (text.endsWith("name: $repo){id}}")) return { repository: { id: "R" } };
    if (text.endsWith("pullRequest(number: $prNum){id}}}")) return { repository: { pullRequest: { id: "PR" } } };
    if (text.includes("reviews(")) return { repository: { pullRequest: { reviews: { nodes: review() } } } };
    const members = /label\(name: \$name\)\{([a-z,]+)\}/.exec(text)?.[1]?.split(",");
    if (members === undefined) return "not known here";
    const label = labels.get(String(variables.name));
    return { repository: { label: Object.fromEntries(members.map((member) => [member, label?.[member] ?? ""])) } };
  };

  const answer = (asked: Asked): Answer => {
    if (!asked.path.endsWith("/graphql")) return rest(asked);
    const text = String(asked.body.query);
    const variables = (asked.body.variables ?? {}) as Thing;
    const data = text.startsWith("mutation") ? mutate(text, variables.input as Thing) : ask(text, variables);
    return { body: typeof data === "string" ? { errors: [{ message: data }] } : { data } };
  };
  return { state: () => stateOf({ issue, pull, labels }), answer };
}
