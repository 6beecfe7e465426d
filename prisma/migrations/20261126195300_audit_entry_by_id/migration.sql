-- The audit log was listed by this.
drop index "audit_entry_account_id_id_idx";
