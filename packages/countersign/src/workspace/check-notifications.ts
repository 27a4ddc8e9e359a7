import { type Draft, type Report, repeats } from "./draft.ts";
import { unknownName } from "./finding.ts";

/** Each channel has a name of its own, and names people and workflows that there are. */
export function checkNotifications(
  { organisation: { source, value }, workflows, workflowsAreComplete }: Draft,
  report: Report,
): void {
  for (const { name, index } of repeats(value.notifications.map((channel) => channel.name))) {
    report(source, ["notifications", index, "name"], {
      message: `the notification \`${name}\` is here twice`,
      expected: "each notification once",
    });
  }
  const people = new Set(value.people.map(({ email }) => email));
  for (const [index, channel] of value.notifications.entries()) {
    for (const { id, person } of channel.kind === "slack" ? channel.people : []) {
      if (!people.has(person))
        report(source, ["notifications", index, "people", id], unknownName("person", person, people));
    }
    const twice = channel.kind === "slack" ? repeats(channel.people.map(({ person }) => person)) : [];
    for (const { name, index: at } of twice) {
      const { id = "" } = channel.kind === "slack" ? (channel.people[at] ?? {}) : {};
      report(source, ["notifications", index, "people", id], {
        message: `\`${name}\` is here under two ids`,
        expected: "each person once",
      });
    }
  }
  if (!workflowsAreComplete) return;
  const known = new Set(workflows.map((workflow) => workflow.value.name));
  for (const [index, channel] of value.notifications.entries()) {
    for (const [at, workflow] of (channel.workflows ?? []).entries()) {
      if (!known.has(workflow))
        report(source, ["notifications", index, "workflows", at], unknownName("workflow", workflow, known));
    }
  }
}
