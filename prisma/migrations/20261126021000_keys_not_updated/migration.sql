-- Foreign keys no longer change rows when a key is updated: keys never are, and a distributed table (Citus) cannot have such a
-- foreign key. Each key is checked against its rows once, as a new one is.
alter table section
  drop constraint section_account_id_fkey,
  add constraint section_account_id_fkey foreign key (account_id) references account (id)
    on delete restrict on update no action;
alter table app_user
  drop constraint app_user_account_id_fkey,
  add constraint app_user_account_id_fkey foreign key (account_id) references account (id)
    on delete restrict on update no action;
alter table user_section
  drop constraint user_section_user_id_fkey,
  drop constraint user_section_section_id_fkey,
  add constraint user_section_user_id_fkey foreign key (user_id) references app_user (id)
    on delete cascade on update no action,
  add constraint user_section_section_id_fkey foreign key (section_id) references section (id)
    on delete cascade on update no action;
alter table invitation
  drop constraint invitation_account_id_fkey,
  add constraint invitation_account_id_fkey foreign key (account_id) references account (id)
    on delete cascade on update no action;
alter table keyspace
  drop constraint keyspace_account_id_fkey,
  add constraint keyspace_account_id_fkey foreign key (account_id) references account (id)
    on delete restrict on update no action;
alter table attribute
  drop constraint attribute_section_id_fkey,
  add constraint attribute_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table tag
  drop constraint tag_section_id_fkey,
  add constraint tag_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table tag_permission
  drop constraint tag_permission_section_id_tag_id_fkey,
  drop constraint tag_permission_keyspace_id_fkey,
  add constraint tag_permission_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action,
  add constraint tag_permission_keyspace_id_fkey foreign key (keyspace_id) references keyspace (id)
    on delete restrict on update no action;
alter table profile
  drop constraint profile_section_id_fkey,
  add constraint profile_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table profile_key
  drop constraint profile_key_section_id_profile_id_fkey,
  drop constraint profile_key_keyspace_id_fkey,
  add constraint profile_key_section_id_profile_id_fkey foreign key (section_id, profile_id) references profile (section_id, id)
    on delete cascade on update no action,
  add constraint profile_key_keyspace_id_fkey foreign key (keyspace_id) references keyspace (id)
    on delete restrict on update no action;
alter table profile_change
  drop constraint profile_change_section_id_profile_id_fkey,
  add constraint profile_change_section_id_profile_id_fkey foreign key (section_id, profile_id) references profile (section_id, id)
    on delete cascade on update no action;
alter table profile_tag
  drop constraint profile_tag_section_id_tag_id_fkey,
  add constraint profile_tag_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action;
alter table claim_holder
  drop constraint claim_holder_section_id_fkey,
  add constraint claim_holder_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table tag_claim
  drop constraint tag_claim_section_id_tag_id_fkey,
  drop constraint tag_claim_section_id_holder_id_fkey,
  add constraint tag_claim_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action,
  add constraint tag_claim_section_id_holder_id_fkey foreign key (section_id, holder_id) references claim_holder (section_id, id)
    on delete restrict on update no action;
alter table tag_change
  drop constraint tag_change_section_id_tag_id_fkey,
  add constraint tag_change_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action;
alter table tag_count
  drop constraint tag_count_section_id_tag_id_fkey,
  add constraint tag_count_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action;
alter table tag_day
  drop constraint tag_day_section_id_tag_id_fkey,
  add constraint tag_day_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action;
alter table operation
  drop constraint operation_section_id_fkey,
  drop constraint operation_api_key_id_fkey,
  add constraint operation_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action,
  add constraint operation_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete set null on update no action;
alter table operation_key
  drop constraint operation_key_section_id_operation_id_fkey,
  add constraint operation_key_section_id_operation_id_fkey foreign key (section_id, operation_id) references operation (section_id, id)
    on delete cascade on update no action;
alter table undo_exception
  drop constraint undo_exception_section_id_operation_id_fkey,
  drop constraint undo_exception_section_id_tag_id_fkey,
  add constraint undo_exception_section_id_operation_id_fkey foreign key (section_id, operation_id) references operation (section_id, id)
    on delete restrict on update no action,
  add constraint undo_exception_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action;
alter table import
  drop constraint import_section_id_fkey,
  add constraint import_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table import_chunk
  drop constraint import_chunk_section_id_import_id_fkey,
  add constraint import_chunk_section_id_import_id_fkey foreign key (section_id, import_id) references import (section_id, id)
    on delete cascade on update no action;
alter table import_row
  drop constraint import_row_section_id_import_id_fkey,
  add constraint import_row_section_id_import_id_fkey foreign key (section_id, import_id) references import (section_id, id)
    on delete cascade on update no action;
alter table import_repeat
  drop constraint import_repeat_section_id_import_id_fkey,
  add constraint import_repeat_section_id_import_id_fkey foreign key (section_id, import_id) references import (section_id, id)
    on delete cascade on update no action;
alter table import_reject
  drop constraint import_reject_section_id_import_id_fkey,
  add constraint import_reject_section_id_import_id_fkey foreign key (section_id, import_id) references import (section_id, id)
    on delete cascade on update no action;
alter table api_key
  drop constraint api_key_account_id_fkey,
  drop constraint api_key_created_by_fkey,
  add constraint api_key_account_id_fkey foreign key (account_id) references account (id)
    on delete restrict on update no action,
  add constraint api_key_created_by_fkey foreign key (created_by) references app_user (id)
    on delete set null on update no action;
alter table api_key_section
  drop constraint api_key_section_api_key_id_fkey,
  drop constraint api_key_section_section_id_fkey,
  add constraint api_key_section_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete cascade on update no action,
  add constraint api_key_section_section_id_fkey foreign key (section_id) references section (id)
    on delete cascade on update no action;
alter table api_key_keyspace
  drop constraint api_key_keyspace_api_key_id_fkey,
  drop constraint api_key_keyspace_keyspace_id_fkey,
  add constraint api_key_keyspace_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete cascade on update no action,
  add constraint api_key_keyspace_keyspace_id_fkey foreign key (keyspace_id) references keyspace (id)
    on delete cascade on update no action;
alter table tag_use
  drop constraint tag_use_section_id_tag_id_fkey,
  drop constraint tag_use_keyspace_id_fkey,
  drop constraint tag_use_api_key_id_fkey,
  add constraint tag_use_section_id_tag_id_fkey foreign key (section_id, tag_id) references tag (section_id, id)
    on delete restrict on update no action,
  add constraint tag_use_keyspace_id_fkey foreign key (keyspace_id) references keyspace (id)
    on delete restrict on update no action,
  add constraint tag_use_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete cascade on update no action;
alter table webhook
  drop constraint webhook_section_id_fkey,
  drop constraint webhook_created_by_fkey,
  drop constraint webhook_api_key_id_fkey,
  add constraint webhook_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action,
  add constraint webhook_created_by_fkey foreign key (created_by) references app_user (id)
    on delete set null on update no action,
  add constraint webhook_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete set null on update no action;
alter table webhook_message
  drop constraint webhook_message_section_id_webhook_id_fkey,
  add constraint webhook_message_section_id_webhook_id_fkey foreign key (section_id, webhook_id) references webhook (section_id, id)
    on delete cascade on update no action;
alter table webhook_attempt
  drop constraint webhook_attempt_section_id_message_id_fkey,
  add constraint webhook_attempt_section_id_message_id_fkey foreign key (section_id, message_id) references webhook_message (section_id, id)
    on delete cascade on update no action;
alter table webhook_operation
  drop constraint webhook_operation_section_id_webhook_id_fkey,
  drop constraint webhook_operation_section_id_operation_id_fkey,
  add constraint webhook_operation_section_id_webhook_id_fkey foreign key (section_id, webhook_id) references webhook (section_id, id)
    on delete cascade on update no action,
  add constraint webhook_operation_section_id_operation_id_fkey foreign key (section_id, operation_id) references operation (section_id, id)
    on delete cascade on update no action;
alter table event_type
  drop constraint event_type_section_id_fkey,
  add constraint event_type_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table event_version
  drop constraint event_version_section_id_event_type_id_fkey,
  add constraint event_version_section_id_event_type_id_fkey foreign key (section_id, event_type_id) references event_type (section_id, id)
    on delete restrict on update no action;
alter table profile_event
  drop constraint profile_event_section_id_version_id_fkey,
  add constraint profile_event_section_id_version_id_fkey foreign key (section_id, version_id) references event_version (section_id, id)
    on delete restrict on update no action;
alter table locked_key
  drop constraint locked_key_section_id_fkey,
  drop constraint locked_key_keyspace_id_fkey,
  add constraint locked_key_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action,
  add constraint locked_key_keyspace_id_fkey foreign key (keyspace_id) references keyspace (id)
    on delete restrict on update no action;
alter table import_request
  drop constraint import_request_api_key_id_fkey,
  add constraint import_request_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete cascade on update no action;
alter table export_request
  drop constraint export_request_section_id_fkey,
  drop constraint export_request_api_key_id_fkey,
  add constraint export_request_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action,
  add constraint export_request_api_key_id_fkey foreign key (api_key_id) references api_key (id)
    on delete cascade on update no action;
alter table topic
  drop constraint topic_section_id_fkey,
  add constraint topic_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table consent
  drop constraint consent_section_id_topic_id_fkey,
  add constraint consent_section_id_topic_id_fkey foreign key (section_id, topic_id) references topic (section_id, id)
    on delete restrict on update no action;
alter table segment
  drop constraint segment_section_id_fkey,
  add constraint segment_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
alter table segment_size
  drop constraint segment_size_section_id_segment_id_fkey,
  add constraint segment_size_section_id_segment_id_fkey foreign key (section_id, segment_id) references segment (section_id, id)
    on delete cascade on update no action;
alter table profile_count
  drop constraint profile_count_section_id_fkey,
  add constraint profile_count_section_id_fkey foreign key (section_id) references section (id)
    on delete restrict on update no action;
