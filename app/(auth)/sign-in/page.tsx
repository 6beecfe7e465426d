import { redirect } from 'next/navigation';
import { ownPath } from '@/app/own-path';
import { singleSignOn } from '@/app/sign-in-options';
import { findViewer } from '@/app/viewer';
import { SignInForm } from './sign-in-form';

export const metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<{ error?: string | string[]; callbackUrl?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { error, callbackUrl } = await searchParams;
  const target = ownPath([callbackUrl].flat()[0]);
  if (await findViewer()) redirect(target);
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Sign in</h1>
      <SignInForm singleSignOn={singleSignOn?.name ?? null} error={[error].flat()[0] ?? null} target={target} />
    </>
  );
}
