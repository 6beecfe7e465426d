-- Sessions that end on the server. People sign in once more after this update.
create table user_session (
  id uuid not null,
  user_id integer not null,
  session_version integer not null,
  created_at timestamptz(3) not null default current_timestamp,
  expires_at timestamptz(3) not null,
  constraint user_session_pkey primary key (id),
  constraint user_session_user_id_fkey foreign key (user_id) references app_user (id) on delete cascade on update no action
);
create index user_session_user_id_idx on user_session (user_id);

-- Password links know the version that they were made under. Those made before this update have ended.
alter table invitation add column session_version integer;

-- Who a person is at the identity provider, kept at the first single sign-on.
alter table app_user add column identity_issuer text, add column identity_subject text;
create unique index app_user_identity_issuer_identity_subject_key on app_user (identity_issuer, identity_subject);

-- Failed attempts make the next one wait, longer each time.
delete from sign_in_attempt;
alter table sign_in_attempt drop column window_start, add column next_at timestamptz(3) not null;
