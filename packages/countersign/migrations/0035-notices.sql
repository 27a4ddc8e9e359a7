-- Notices: what people and their systems are told of, outside the console. They are made from the ledger after the fact,
-- without loss, and nothing that an agent waits for waits for them.

-- One replica at a time makes notices of news: a lock row, not an advisory lock.
create table notice_lock (one boolean primary key default true check (one));
insert into notice_lock default values;

-- How far each writer's chain has been told of. `is_done`: that writer is gone, and all of its chain is passed.
create table notice_head (
  writer text primary key,
  seq bigint not null,
  is_done boolean not null default false
);

-- Actions that are held, with what has been told of each and when to look at it next.
create table notice_open (
  action text collate "C" primary key,
  workflow text not null,
  -- Who answered: they are told how it ended.
  answered jsonb not null default '[]',
  -- Steps of the escalation that were taken, and `lapsing`.
  told jsonb not null default '[]',
  look_at timestamptz
);
create index notice_open_look on notice_open (look_at) where look_at is not null;

-- What is told once though it is found again and again, such as an open alert.
create table notice_told (
  event text primary key,
  at timestamptz not null default clock_timestamp()
);

-- The outbox: one row for each notice to each channel, and to each person where the channel reaches people one by one.
-- Its id goes with it, the same however often it is sent.
create table notice (
  id text collate "C" primary key,
  event text not null,
  type text not null,
  subject text not null,
  workflow text,
  channel text not null,
  person text,
  -- What is told; null once it was erased.
  body jsonb,
  made_at timestamptz not null default clock_timestamp(),
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'over', 'dead')),
  tries integer not null default 0,
  due_at timestamptz not null default clock_timestamp(),
  -- The replica that is sending it, and until when it may.
  sender text,
  lease_until timestamptz,
  fault text,
  ended_at timestamptz,
  unique nulls not distinct (event, channel, person)
);
create index notice_due on notice (channel, due_at) where state = 'waiting';
create index notice_state on notice (state, id);
create index notice_subject on notice (subject);

-- Whom a question was escalated to with the right to answer it, beside those who were asked.
alter table open_action add column stand_ins jsonb not null default '[]';
