-- What a contact is matched by besides its email, mobile and id: values of a field that the Admin has chosen.
alter table sync_member add column custom text[] default array[]::text[];
