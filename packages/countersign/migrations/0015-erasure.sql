-- What was erased, what must not be erased, and how far retention has come. The ledger says who did it and why; these
-- tables say what is in force.

-- One of those who erase or forbid it at a time: a lock row, not an advisory lock.
create table erasure_lock (one boolean primary key default true check (one));
insert into erasure_lock default values;

-- A legal hold: nothing that it names is erased while it is in force.
create table preservation (
  -- The deed that put it in force.
  id text collate "C" primary key,
  scope text not null check (scope in ('action', 'run', 'workflow', 'agent')),
  name text collate "C" not null,
  reason text not null,
  taken_by text not null,
  vouched_by jsonb not null default '[]',
  taken_at timestamptz not null default clock_timestamp(),
  until timestamptz,
  ended_by text,
  ended_at timestamptz
);
create index preservation_in_force on preservation (scope, name) where ended_at is null;

create table erasure_proposal (
  id text primary key,
  proposed_by text not null,
  vouched_by jsonb not null default '[]',
  subjects jsonb not null,
  reason text not null,
  proposed_at timestamptz not null default clock_timestamp()
);

-- An action, an advisory decision or a run whose content is gone for good. The key goes after the deed is on record:
-- what has no `finished_at` yet is finished by whichever replica comes next.
create table erasure (
  subject text collate "C" primary key,
  deed text collate "C" not null,
  at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
create index erasure_open on erasure (subject) where finished_at is null;

-- Everything of a workflow up to this subject was looked at by retention, and nothing before it waits.
create table retention (
  workflow text not null,
  kind text not null check (kind in ('act', 'dec')),
  up_to text collate "C" not null,
  primary key (workflow, kind)
);
