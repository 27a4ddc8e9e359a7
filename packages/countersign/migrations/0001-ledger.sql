-- The ledger: entries chained per writer, payloads sealed beside them. Nothing here is ever updated or deleted but
-- subject_key (erasing a subject's key erases its data, and every proof still verifies), claim and writer_lease.

create table writer (
  id text primary key,
  started_at timestamptz not null default clock_timestamp(),
  host text not null,
  fenced_at timestamptz
);

create table writer_lease (
  writer text primary key references writer (id),
  expires_at timestamptz not null,
  -- Every intent of this writer below this number is settled: where recovery starts to look.
  settled_seq bigint not null default 0
);

create table subject_key (
  subject text primary key,
  wrapped bytea not null
);

-- A name that one subject holds: an idempotency key, or an identical call that is still open.
create table claim (
  name text primary key,
  subject text not null,
  value text not null,
  at timestamptz not null default clock_timestamp(),
  expires_at timestamptz
);
create index claim_expires on claim (expires_at) where expires_at is not null;

create table entry (
  writer text not null,
  seq bigint not null,
  subject text not null,
  step integer not null,
  kind text not null,
  from_state text,
  to_state text,
  agent text,
  workflow text,
  person text,
  tool text,
  run text,
  at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  leaf bytea not null,
  hash bytea not null,
  sealed bytea not null,
  primary key (writer, seq),
  -- Compare-and-set: of two moves of one subject from one step, one fails.
  constraint entry_step unique (subject, step),
  -- A null in a check passes: so both are null, or neither.
  constraint entry_states check ((from_state is null) = (to_state is null)),
  constraint entry_move check (
    (from_state is null and to_state is null)
    or (from_state || '>' || to_state) in (
      'received>held', 'received>ready', 'received>running', 'received>refused', 'received>failed',
      'held>held', 'held>ready', 'held>refused',
      'ready>held', 'ready>running', 'ready>refused', 'ready>failed',
      'running>done', 'running>failed', 'running>unknown',
      'unknown>done', 'unknown>failed', 'unknown>unknown',
      'done>reversed'
    )
  )
);
alter table entry alter column sealed set storage external;

create index entry_workflow on entry (workflow, subject) where step = 0;
create index entry_agent on entry (agent, subject) where step = 0;
create index entry_run on entry (run, subject) where step = 0;
create index entry_kind on entry (kind, at) where kind not in ('intent', 'outcome');

-- A move must start where the step before it ended: one look for a whole batch.
create function entry_continues() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a
    left join entry p on p.subject = a.subject and p.step = a.step - 1
    where (a.step > 0 and (p.subject is null or p.to_state is distinct from a.from_state))
       or (a.step = 0 and a.from_state is not null and a.from_state <> 'received')
  ) then
    raise exception 'illegal move' using errcode = 'integrity_constraint_violation', constraint = 'entry_continues';
  end if;
  return null;
end $$;
create trigger entry_continues after insert on entry
  referencing new table as added for each statement execute function entry_continues();

create function entry_stays() returns trigger language plpgsql as $$
begin
  raise exception 'ledger entries are never changed' using errcode = 'integrity_constraint_violation';
end $$;
create trigger entry_stays before update or delete or truncate on entry for each statement execute function entry_stays();
