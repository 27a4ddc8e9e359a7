-- What is in force. Every change raises the one revision, so that each replica reloads the whole of it.
create table plane (
  one boolean primary key default true check (one),
  revision bigint not null default 0
);
insert into plane default values;

create table workspace_version (
  revision bigint primary key,
  digest text not null,
  files jsonb not null,
  applied_by text not null,
  applied_at timestamptz not null default clock_timestamp()
);

create table stop (
  id text primary key,
  scope text not null check (scope in ('agent', 'workflow', 'tool', 'system', 'everything')),
  name text not null,
  reason text not null,
  taken_by text not null,
  taken_at timestamptz not null default clock_timestamp(),
  until timestamptz,
  voids boolean not null default false,
  lifted_by jsonb not null default '[]',
  lifted_at timestamptz
);
create index stop_active on stop (lifted_at) where lifted_at is null;

create table tier_waiver (
  id text primary key,
  agent text not null,
  workflow text not null,
  tier integer not null check (tier between 1 and 3),
  reason text not null,
  signed_by jsonb not null,
  single boolean not null default false,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at <= starts_at + interval '30 days'),
  revoked_at timestamptz
);

create table alert (
  id text primary key,
  kind text not null,
  subject text not null,
  sentence text not null,
  raised_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz
);
create unique index alert_open on alert (kind, subject) where settled_at is null;

create table waiver_proposal (
  id text primary key,
  proposed_by text not null,
  request jsonb not null,
  proposed_at timestamptz not null default clock_timestamp()
);

-- Texts of every policy set that was ever in force here, so that a receipt can show what allowed an action.
create table policy_text (
  digest text primary key,
  id text not null,
  effect text not null,
  title text,
  text text not null,
  file text not null,
  first_seen timestamptz not null default clock_timestamp()
);
