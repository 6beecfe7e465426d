import { Banner } from '@/components/ui/display';
import { isSetUpToken } from '@/lib/accounts/set-up';
import { SetUpForm } from './set-up-form';

export const metadata = { title: 'Set up' };

export default async function SetUpPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const { token = '' } = await searchParams;
  if (!(await isSetUpToken(token))) {
    return (
      <Banner tone="warning">This set-up link has been used or replaced. The newest link is in the server log.</Banner>
    );
  }
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Set up Tagwell</h1>
      <p className="text-muted mb-4">You become the Account Owner. This link works once.</p>
      <SetUpForm token={token} />
    </>
  );
}
