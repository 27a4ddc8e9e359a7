-- What the list of open approvals tells without opening what is sealed. A row of a version before has no `risk`.
alter table open_action
  add column on_behalf_of text,
  add column vouched_by jsonb,
  add column asked_from text[] not null default '{}',
  add column risk jsonb,
  add column risk_rank smallint not null default 2;
create index open_action_risk on open_action ((-risk_rank), coalesce(expires_at, 'infinity'), id) where state = 'held';

-- What an answer was given to, for measuring how people answer.
alter table answer
  add column asked_at timestamptz,
  add column shown_ms bigint,
  add column size bigint,
  add column risk text,
  add column skimmed boolean not null default false;
create index answer_person on answer (person, at);

-- What was asked of whom, and when the question ended: the queue in front of people. Kept for some days.
create table asked_approval (
  action text primary key,
  workflow text not null,
  asked_from text[] not null,
  asked_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index asked_approval_at on asked_approval (asked_at);

-- Targets that somebody was asked about before, as keyed digests.
create table asked_target (
  digest text primary key,
  -- The first: it stays the first however often it is decided again.
  action text not null,
  asked_at timestamptz not null default clock_timestamp()
);

-- Seeded known-bad requests. They are no actions: nothing that claims or runs one reads this table.
create table canary (
  id text primary key,
  person text not null,
  -- The action that it was made from; it is erased with it.
  origin text not null,
  shape text not null,
  agent text not null,
  workflow text not null,
  server text not null,
  tool text not null,
  target text not null,
  environment text not null,
  risk_rank smallint not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  wrapped bytea not null,
  sealed bytea not null,
  verdict text check (verdict in ('approve', 'deny')),
  reason text,
  dwell_ms bigint,
  size bigint not null,
  answered_at timestamptz
);
create index canary_person on canary (person, opened_at);

-- INVARIANT: what was seeded can never be open as an action, whatever asks for it.
create function refuse_canary() returns trigger language plpgsql as $$
begin
  if exists (select 1 from canary where id = new.id) then
    raise exception 'a seeded request is no action and is never run';
  end if;
  return new;
end $$;
create trigger open_action_no_canary before insert or update of id on open_action
  for each row execute function refuse_canary();
