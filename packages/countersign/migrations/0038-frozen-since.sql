-- Since when a stop freezes what is open: nobody can answer meanwhile, so that time is given back to it.
alter table open_action add column frozen_at timestamptz;
