-- An identity that an issuer outside vouches for, by a rule of the workspace: one row for each rule that stands there.
alter table credential drop constraint credential_kind_check;
alter table credential drop constraint credential_check2;
alter table credential add constraint credential_kind_check
  check (kind in ('agent_key', 'agent_jwk', 'agent_workload', 'person_token'));
alter table credential add constraint credential_check2 check ((kind in ('agent_jwk', 'agent_workload')) = (hash is null));
alter table credential add column issuer text;
-- Digest of the rule while it stands in the workspace in force, whether it was revoked or not; null once it was taken out.
alter table credential add column rule text;
alter table credential add constraint credential_issuer_check check ((kind = 'agent_workload') = (issuer is not null));
alter table credential add constraint credential_rule_check check (rule is null or kind = 'agent_workload');
create unique index credential_rule on credential (subject, rule) where rule is not null;
