-- Of which tools the invariants are proven, and which tools are kept out of force because they are not.
create table tool_proof (
  -- Digest of the workspace's files and of the version whose policies ship with it.
  rules text not null,
  tool text not null,
  -- Digest of what policies see of the tool: the types of its arguments, and what it counts.
  shape text not null,
  -- Why the invariants are not proven of it; null where they are.
  why text,
  at timestamptz not null default clock_timestamp(),
  primary key (rules, tool, shape)
);
