-- The audit log is listed by the time of its entries. Built while others write, so this migration has no other statement.
create index concurrently "audit_entry_account_id_at_id_idx" on "audit_entry" ("account_id", "at" desc, "id" desc);
