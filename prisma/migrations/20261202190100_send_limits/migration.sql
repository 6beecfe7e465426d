-- How many marketing messages somebody gets at most: lib/messages/limits-schema.ts.
alter table message_rule add column limits jsonb not null default '{}';
