import { redirect } from 'next/navigation';
import { signInPath } from '@/app/own-path';
import { findViewer } from '@/app/viewer';
import { Banner } from '@/components/ui/display';

export const metadata = { title: 'Signed in again' };

/** Opened in a new tab when a session has ended: signs in, and tells the person to return to the previous tab. */
export default async function SignedInAgainPage() {
  if (!(await findViewer())) redirect(signInPath('/sign-in/again'));
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">You are signed in again</h1>
      <Banner tone="success">
        Close this tab, go back to the one you came from and try again. What you typed there is still there.
      </Banner>
    </>
  );
}
