-- By which deed a stop was taken: whoever has the stop's id finds its receipt. Null for stops from before, and for the one
-- that a restore takes.
alter table stop add column deed text;
