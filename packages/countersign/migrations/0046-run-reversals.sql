-- Reversals of whole runs: one row for each, one for each action that it is to undo. Nothing private: why it was asked
-- for stands sealed in the entry `deed`, targets in the actions' own records.
create table run_reversal (
  id text primary key,
  run text not null,
  -- The run, and those under it where they were asked for.
  runs text[] not null,
  -- Whether those that are opened under it later are watched, too.
  children boolean not null default false,
  asked_by text not null,
  vouched_by jsonb not null default '[]',
  credential text not null,
  -- Ledger subject of the last request for it.
  deed text not null,
  asked_at timestamptz not null default clock_timestamp(),
  -- The newest action that it is about, and how far what came later was looked for.
  up_to text collate "C" not null,
  seen_to text collate "C" not null,
  state text not null default 'going' check (state in ('going', 'stopped', 'ended')),
  -- What it waits for, or why it stopped: a word for programs, a sentence for people, the action that it is about.
  because text,
  told text,
  about text,
  ended_at timestamptz,
  look_at timestamptz not null default clock_timestamp(),
  fence bigint not null default 0,
  claimed_by text,
  lease_until timestamptz
);
create index run_reversal_runs on run_reversal using gin (runs);
create index run_reversal_due on run_reversal (look_at) where state = 'going';

-- A run is in one reversal at a time; the row goes when that ended.
create table run_reversing (
  run text primary key,
  reversal text not null references run_reversal (id)
);

create table run_reversal_step (
  reversal text not null references run_reversal (id),
  deed text collate "C" not null,
  run text not null,
  -- When the deed was sent: what was sent last is undone first.
  sent_at timestamptz,
  -- `left`: it cannot be undone, or was left out; `nothing`: nothing of it happened after all.
  state text not null check (state in ('waiting', 'done', 'left', 'nothing')),
  -- Chosen before it is asked for, so that no crash and no other replica asks twice.
  undo text,
  why text,
  primary key (reversal, deed)
);
create index run_reversal_step_waiting on run_reversal_step (reversal, deed) where state = 'waiting';
create index run_reversal_step_undo on run_reversal_step (undo) where undo is not null;
