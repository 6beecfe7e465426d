-- An opt-out that somebody else says again is recorded too, as a row that changes nothing: no undo of the first takes it back.
alter table consent_change drop constraint consent_change_types;
alter table consent_change add constraint consent_change_types check (
  (before is distinct from after or after = 'opt-out')
  and (before is null or before in ('opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in'))
  and (after is null or after in ('opt-in', 'opt-out', 'pending-opt-in', 'confirmed-opt-in'))
);
