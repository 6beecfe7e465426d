import { redirect } from 'next/navigation';
import { singleSignOn } from '@/app/sign-in-options';
import { findViewer } from '@/app/viewer';
import { SignInForm } from './sign-in-form';

export const metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ error?: string }> }) {
  if (await findViewer()) redirect('/');
  const { error } = await searchParams;
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Sign in</h1>
      <SignInForm singleSignOn={singleSignOn?.name ?? null} failed={Boolean(error)} />
    </>
  );
}
