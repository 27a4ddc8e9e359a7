-- What everybody answered within a day is asked for by who looks at the load of approvers.
create index answer_at on answer (at);
