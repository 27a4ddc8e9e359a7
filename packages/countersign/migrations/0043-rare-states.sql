-- What few actions come to is found by this, however much else was done. An action that simply ran has no line in it.
create index entry_rare on entry (to_state, subject) where to_state in ('held', 'failed', 'refused', 'unknown', 'reversed');
