-- Rare rows among a million are found at once: of the suppression list by channel and reason, and of recipients those who called it spam.
create index suppression_of_reason on suppression (section_id, channel, reason, at, id) where lifted_at is null;
create index suppression_lifted_of_reason on suppression (section_id, channel, reason, at, id) where lifted_at is not null;
drop index suppression_listed;
drop index suppression_lifted;
create index recipient_complained on recipient (section_id, send_id, number) where complained_at is not null;
