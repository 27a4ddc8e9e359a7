-- One row for each definition that a server has ever listed for a tool: what was reviewed, and what waits for a person.
create table tool_pin (
  server text not null,
  tool text not null,
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  -- json, not jsonb: the server's own order of members, and NUL escapes that jsonb refuses.
  definition json not null,
  status text not null check (status in ('pinned', 'changed', 'new', 'removed', 'rejected', 'superseded')),
  reviewed_by text,
  reviewed_at timestamptz,
  seen_at timestamptz not null,
  primary key (server, tool, digest),
  -- What is in force was reviewed by someone.
  check (status not in ('pinned', 'removed', 'rejected') or (reviewed_by is not null and reviewed_at is not null))
);
-- Two reviewed definitions of one tool cannot both be in force.
create unique index tool_pin_in_force on tool_pin (server, tool) where status = 'pinned';

-- One observer or reviewer of a server at a time: a lock row, not an advisory lock.
create table tool_lock (
  server text primary key
);
