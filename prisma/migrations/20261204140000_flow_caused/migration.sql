-- When that happened which let somebody into a flow, and which last ended a wait of theirs: neither is waited for once more.
alter table flow_run add column caused_at timestamptz(3);
alter table flow_run add column heard_at timestamptz(3);
