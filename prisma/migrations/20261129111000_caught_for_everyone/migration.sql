-- The mail or SMS is of a marketing message: in the built-in mailbox, everyone who works in its section may read it.
alter table caught_mail add column for_everyone boolean not null default false;
