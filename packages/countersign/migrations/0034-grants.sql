-- Standing approvals for calls of one shape. What the shape is stands sealed in the entry of this id; what was looked at,
-- in the action that it was given for.
create table approval_grant (
  id text primary key,
  approval text not null,
  person text not null,
  vouched_by jsonb not null,
  groups jsonb not null,
  capacity text not null,
  workflow text not null,
  -- `server.tool`
  tool text not null,
  agent text not null,
  -- Whose question it answers: policy, digest of its text, and whom that asks.
  policies jsonb not null,
  given_at timestamptz not null default clock_timestamp(),
  until timestamptz not null check (until <= given_at + interval '8 hours 1 minute'),
  uses integer not null check (uses between 1 and 100),
  used integer not null default 0 check (used between 0 and uses),
  ended text check (ended in ('revoked', 'void')),
  ended_at timestamptz,
  ended_by text,
  ended_because text
);
create index approval_grant_open on approval_grant (workflow, tool) where ended is null;

-- Whether it was opened by itself, or put before them in a list of what may be answered together.
alter table approval_shown add column opened boolean not null default true;
