// `npm run second-factor:reset -- anna@example.com`: removes somebody's second factor, when nobody is left who could do it in Settings →
// Users. Tagwell may be running. See docs/operations.md.
import { resetByOperator } from '@/lib/accounts/second-factor';
import { transaction } from '@/lib/db/pool';
import { onDatabase } from './open-database';

const [email] = process.argv.slice(2);

await onDatabase(async () => {
  if (!email) throw new Error('Name the person: npm run second-factor:reset -- anna@example.com');
  const name = await transaction((tx) => resetByOperator(tx, email));
  console.log(
    name === undefined
      ? `Nobody with the address ${email} has two-factor sign-in.`
      : `Done: ${name} signs in with the password alone, and can set it up again under My account.`,
  );
  return name === undefined ? 1 : 0;
});
