-- What Tagwell calls a profile to others. Its keys are made when they are read, so it has no rows of its own.
insert into keyspace (account_id, kind, discriminator, name)
select account.id, 'export', 'com.apsis1.keyspaces.export', 'Export'
from account
on conflict (account_id, discriminator) do nothing;
