-- The horizon waits for transactions, not for a time: a clock may be set back. What was pending is looked for again.
alter table ledger_horizon add column writers text[];
alter table ledger_horizon drop column looked_at;
update ledger_horizon set pending = settled, writers = '{}';
