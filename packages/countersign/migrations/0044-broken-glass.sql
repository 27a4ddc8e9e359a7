-- An answer that stands alone for all that were missing, until then.
alter table answer add column glass_until timestamptz;
-- Beside what the same person answered as one of several: neither takes the other's place.
alter table answer add column breaks_glass boolean not null generated always as (glass_until is not null) stored;
alter table answer drop constraint answer_pkey;
alter table answer add primary key (action, policy, person, call_digest, breaks_glass);

-- Whenever somebody broke the glass, until somebody else has reviewed it. Why it was broken stands sealed in the action's
-- entry; what the reviewer found, in the entry named here.
create table broken_glass (
  id text primary key,
  action text not null,
  person text not null,
  vouched_by jsonb not null,
  capacity text not null,
  workflow text not null,
  agent text not null,
  -- `server.tool`
  tool text not null,
  missing jsonb not null,
  broken_at timestamptz not null default clock_timestamp(),
  until timestamptz not null check (until <= broken_at + interval '4 hours 1 minute'),
  due_at timestamptz not null check (due_at <= broken_at + interval '7 days 1 minute'),
  reviewed_at timestamptz,
  -- INVARIANT: nobody reviews what they broke, whatever asks for it.
  reviewed_by text check (reviewed_by <> person),
  review text,
  check ((reviewed_at is null) = (reviewed_by is null) and (reviewed_at is null) = (review is null))
);
create index broken_glass_open on broken_glass (due_at) where reviewed_at is null;
create index broken_glass_reviewed on broken_glass (reviewed_at) where reviewed_at is not null;
