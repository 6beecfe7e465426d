import { notFound } from 'next/navigation';
import { connection } from 'next/server';
import { offersPasswordMails } from '@/lib/accounts/system-mail';
import { ForgotForm } from './forgot-form';

export const metadata = { title: 'Forgotten password' };

export default async function ForgotPasswordPage() {
  await connection();
  if (!(await offersPasswordMails())) notFound();
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Forgotten your password?</h1>
      <p className="text-muted mb-4">Enter the address that you sign in with. We send it a link to set a new one.</p>
      <ForgotForm />
    </>
  );
}
