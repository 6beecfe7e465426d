-- In the built-in mailbox: of which send something is, and whether it is a test. Null: of none, such as an invitation, or kept before this.
alter table caught_mail add column send_id integer, add column is_test boolean not null default false;
