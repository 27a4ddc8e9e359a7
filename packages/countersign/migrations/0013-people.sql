-- Whose hands a login may be in. Who made the link of a login for somebody else counts as one person with it, and so does
-- what they do with it; what somebody opens for themself ends with the credential that they opened it with.
alter table login_link add column vouched_by jsonb not null default '[]';
alter table login_link add column parent text;
alter table login_link add column not_after timestamptz;
alter table person_session add column vouched_by jsonb not null default '[]';
alter table person_session add column parent text;
alter table credential add column vouched_by jsonb not null default '[]';
alter table credential add column parent text;
alter table stop add column vouched_by jsonb not null default '[]';
alter table waiver_proposal add column vouched_by jsonb not null default '[]';
alter table answer add column vouched_by jsonb not null default '[]';

-- Who let people in before was not written down: everybody logs in anew.
delete from login_link;
update person_session set ended_at = clock_timestamp() where ended_at is null;
update credential set revoked_at = clock_timestamp(), revoked_by = 'countersign', revoked_because = 'logged in before logins said who vouched for them'
  where kind = 'person_token' and revoked_at is null;
-- What such a login has half done is asked for anew.
delete from waiver_proposal;
delete from answer where consumed_at is null;
update identity_revision set revision = revision + 1;

-- A workspace that one person asked to put in force; its id is that of the entry which says so.
create table workspace_proposal (
  id text primary key,
  digest text not null,
  -- Digest of what was in force: under anything else it is void.
  before text not null,
  files jsonb not null,
  plan jsonb not null,
  proposed_by text not null,
  vouched_by jsonb not null,
  proposed_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  ended text check (ended in ('signed', 'withdrawn', 'void'))
);
create index workspace_proposal_open on workspace_proposal (proposed_at) where ended is null;

alter table workspace_version add column signed_by text;
-- The entry that says so.
alter table workspace_version add column entry text;
-- One person was enough: there was no other.
alter table workspace_version add column single boolean not null default false;

-- What was put before whom, and when: an answer counts for what the server showed this person a while ago.
create table approval_shown (
  action text not null,
  person text not null,
  digest text not null,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  primary key (action, person)
);
