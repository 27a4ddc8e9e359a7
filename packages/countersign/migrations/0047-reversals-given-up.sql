-- A reversal that a person gave up: nobody goes on with it, and its runs are free for another. Why stands sealed in the entry.
alter table run_reversal drop constraint run_reversal_state_check;
alter table run_reversal add constraint run_reversal_state_check
  check (state in ('going', 'stopped', 'ended', 'given-up'));
alter table run_reversal add column given_up_by text;
-- Under this fence somebody gives it up: nobody else goes on with it before the lease is over.
alter table run_reversal add column giving_up boolean not null default false;
-- Somebody asked for the undo by itself: it is theirs, and stays where the reversal is given up.
alter table run_reversal_step add column undo_alone boolean not null default false;
