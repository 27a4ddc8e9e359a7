import { type Answer, type Asked, collection, missing, type Service, stateOf, type Thing } from "./stand-in.ts";

const at = "2026-01-01T00:00:00.000Z";
const web = "http://gitlab.acme.example";
const author = { id: 1, username: "bo", name: "Bo", state: "active", avatar_url: null, web_url: web };
const times = { created_at: at, updated_at: at };

function note(id: number): Thing {
  const of = { noteable_id: 3, noteable_type: "MergeRequest", system: false, resolvable: true, resolved: false };
  return { id, type: "DiscussionNote", body: "text", author, ...of, ...times };
}

function commit(): Thing {
  const by = {
    author_name: "Bo",
    author_email: "bo@acme.example",
    committer_name: "Bo",
    committer_email: "bo@acme.example",
  };
  const dates = { created_at: at, authored_date: at, committed_date: at };
  return { id: "1", short_id: "1", title: "t", message: "m", parent_ids: [], web_url: web, ...by, ...dates };
}

export function gitlab(): Service {
  const one = {
    project: {
      id: 7,
      name: "web",
      path_with_namespace: "acme/web",
      visibility: "private",
      default_branch: "main",
    } as Thing,
    mr: {
      id: 3,
      iid: 3,
      project_id: 7,
      title: "t",
      description: "d",
      state: "opened",
      author,
      assignees: [],
      labels: [],
      source_branch: "a",
      target_branch: "main",
      web_url: web,
      merged: false,
      merged_at: null,
      closed_at: null,
      merge_commit_sha: null,
      diff_refs: null,
      ...times,
    } as Thing,
    issue: {
      id: 4,
      iid: 4,
      project_id: 7,
      title: "t",
      description: "d",
      state: "opened",
      author,
      assignees: [],
      labels: [],
      milestone: null,
      web_url: web,
      closed_at: null,
      ...times,
    } as Thing,
    resolved: { id: "d1", individual_note: false, notes: [note(11)] } as Thing,
    note: note(12),
    draft: { id: 13, author_id: 1, note: "draft", merge_request_id: 3, resolve_discussion: false } as Thing,
    page: { title: "home", slug: "home", format: "markdown", content: "old" } as Thing,
    groupPage: { title: "home", slug: "home", format: "markdown", content: "old" } as Thing,
    approved: { approved: false, approved_by: [], rules: [] } as Thing,
  };
  const branches = new Map<string, Thing>([["main", { name: "main", commit: { id: "1", web_url: web } }]]);
  const tags = new Map<string, Thing>();
  const locks = new Map<string, Thing>();
  const look = { text_color: "#FFFFFF", description_html: "" };
  const labels = new Map<string, Thing>([
    ["old", { id: 5, name: "old", color: "#ff0000", description: "was", ...look }],
  ]);

  /** What an update names that the thing has; ids of the call are not its members. */
  const update = (thing: Thing, { method, body }: Asked): Answer => {
    if (method === "PUT") {
      for (const [name, value] of Object.entries(body))
        if (Object.hasOwn(thing, name) && name !== "id") thing[name] = value;
      if (typeof body.state_event === "string") thing.state = body.state_event === "close" ? "closed" : "opened";
    }
    return { body: thing };
  };
  const text = (value: unknown): string => String(value ?? "");

  const answer = (asked: Asked): Answer => {
    const { method, path, body, query } = asked;
    const [, kind = "", rest = ""] = /^\/api\/v4\/(projects|groups)\/acme(?:\/web)?(?:\/(.*))?$/.exec(path) ?? [];
    const last = rest.split("/").at(-1) ?? "";
    if (kind === "groups") return rest.startsWith("wikis/") ? update(one.groupPage, asked) : missing(asked);
    if (kind === "") return missing(asked);
    if (rest === "") return update(one.project, asked);
    if (rest.startsWith("repository/branches")) {
      const name = text(body.branch ?? query.get("branch"));
      return collection(branches, asked, last, name, { name, commit: { id: "1", web_url: web } });
    }
    if (rest.startsWith("repository/tags")) {
      const name = text(body.tag_name ?? query.get("tag_name"));
      const made = {
        name,
        message: null,
        target: "1",
        commit: commit(),
        release: null,
        protected: false,
        created_at: at,
      };
      return collection(tags, asked, last, name, made);
    }
    if (rest.startsWith("protected_branches")) {
      const made = {
        id: 1,
        name: text(body.name),
        push_access_levels: [],
        merge_access_levels: [],
        allow_force_push: false,
      };
      return collection(locks, asked, last, text(body.name), made);
    }
    if (rest.startsWith("labels"))
      return collection(labels, asked, last, text(body.name), { id: 9, description: null, ...look, ...body });
    if (/\/(?:un)?approve$/.test(rest) && method === "POST") {
      const wanted = last === "approve";
      if (one.approved.approved === wanted) return { status: 401, body: { message: "401 Unauthorized" } };
      one.approved.approved = wanted;
      return { status: 201, body: one.approved };
    }
    if (/\/approv/.test(rest)) return { body: one.approved };
    if (rest.includes("/discussions/")) {
      const [first] = one.resolved.notes as Thing[];
      if (method === "PUT" && first !== undefined) first.resolved = body.resolved ?? query.get("resolved") === "true";
      return { body: one.resolved };
    }
    if (rest.includes("/draft_notes/")) return update(one.draft, asked);
    if (rest.includes("/notes/")) return update(one.note, asked);
    if (rest.startsWith("merge_requests/")) return update(one.mr, asked);
    if (rest.startsWith("issues/")) return update(one.issue, asked);
    return rest.startsWith("wikis/") ? update(one.page, asked) : missing(asked);
  };
  return { state: () => stateOf({ ...one, branches, tags, locks, labels }), answer };
}
