-- A key with which an agent acts for one person: whoever uses it uses that person's connections, and no one else's.
alter table credential add column on_behalf_of text;
alter table credential add check (on_behalf_of is null or kind <> 'person_token');
drop index credential_slot;
create unique index credential_slot on credential (subject, environment, kind, coalesce(on_behalf_of, ''), slot)
  where slot is not null;

-- A session belongs to an agent that acts for this person; empty where it acts for nobody.
alter table mcp_session add column on_behalf_of text not null default '';
