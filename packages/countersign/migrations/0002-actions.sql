-- What is open. The truth about an action is its last ledger entry; this small table is what waits, runs or is unknown.
create table open_action (
  id text primary key,
  state text not null check (state in ('held', 'ready', 'running', 'unknown')),
  step integer not null,
  agent text not null,
  workflow text not null,
  run text not null,
  server text not null,
  tool text not null,
  system text not null default '',
  verb text not null,
  target text not null,
  environment text not null,
  call_digest text not null,
  requirements jsonb not null default '[]',
  sentence text not null default '',
  opened_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  look_at timestamptz,
  frozen_by text,
  fence bigint not null default 0,
  claimed_by text,
  lease_until timestamptz
);
create index open_action_state on open_action (state, opened_at);
create index open_action_workflow on open_action (workflow, opened_at);

create table answer (
  action text not null,
  policy text not null,
  policy_digest text not null,
  call_digest text not null,
  person text not null,
  groups jsonb not null,
  verdict text not null check (verdict in ('approve', 'deny')),
  reason text not null,
  method text not null,
  shown_digest text not null,
  dwell_ms bigint,
  at timestamptz not null,
  consumed_at timestamptz,
  revoked_at timestamptz,
  primary key (action, policy, person, call_digest)
);

-- Blocks of a budget that replicas have taken: never more in a window than its limit, whoever asks.
create table budget_window (
  scope text not null,
  starts_at timestamptz not null,
  taken bigint not null,
  primary key (scope, starts_at)
);

create table run (
  id text primary key,
  agent text not null,
  workflow text not null,
  opened_by text not null,
  trusted boolean not null,
  task text,
  parent text,
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz
);
create index run_agent on run (agent, opened_at);
