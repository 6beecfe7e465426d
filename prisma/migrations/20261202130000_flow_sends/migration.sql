-- Messages that flows send: a step of a flow has a send of its own for its message, to which it adds people one by one.
alter table send add column flow_id integer, add column flow_step text;
create index send_of_flow on send (section_id, flow_id, flow_step, message_id, id) where flow_id is not null;
alter table send add constraint send_section_id_flow_id_fkey
  foreign key (section_id, flow_id) references flow (section_id, id) on delete restrict on update no action;

-- The message that somebody waits for at their step: the number of its recipient.
alter table flow_run add column recipient bigint;

-- Asked for each message before it leaves.
alter table flow add column exit_tag_id integer generated always as ((settings ->> 'exitTagId')::integer) stored;
