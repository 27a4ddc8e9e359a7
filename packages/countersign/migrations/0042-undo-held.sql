-- The deed that a held action undoes and who asked for that, for the list of what waits; what they say is sealed.
alter table open_action add column undoes jsonb;
