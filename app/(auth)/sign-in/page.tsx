import { redirect } from 'next/navigation';
import { ownPath } from '@/app/own-path';
import { singleSignOn } from '@/app/sign-in-options';
import { findViewer } from '@/app/viewer';
import { Banner } from '@/components/ui/display';
import { offersPasswordMails } from '@/lib/accounts/system-mail';
import { SignInForm } from './sign-in-form';
import { signedOutInWords } from './signed-out';

export const metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<Record<'error' | 'callbackUrl' | 'ended', string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: Props) {
  const { error, callbackUrl, ended } = await searchParams;
  const target = ownPath([callbackUrl].flat()[0]);
  if (await findViewer()) redirect(target);
  const offersMails = await offersPasswordMails();
  const signedOut = signedOutInWords([ended].flat()[0]);
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Sign in</h1>
      {signedOut && (
        <div className="mb-4">
          <Banner tone="success">{signedOut}</Banner>
        </div>
      )}
      <SignInForm
        singleSignOn={singleSignOn?.name ?? null}
        error={[error].flat()[0] ?? null}
        target={target}
        offersMails={offersMails}
      />
    </>
  );
}
