import { ownPath } from '@/app/own-path';
import { readStepCookie } from '@/app/session-cookies';
import { readSecondStep } from '@/lib/accounts/second-step';
import { SecondStepForm } from './second-step-form';

export const metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<{ callbackUrl?: string | string[] }> };

/** Does not lead on by itself after the sign-in: the recovery codes are still to be shown. */
export default async function SecondStepPage({ searchParams }: Props) {
  const target = ownPath([(await searchParams).callbackUrl].flat()[0]);
  const step = await readSecondStep(await readStepCookie());
  return <SecondStepForm step={step ?? null} target={target} />;
}
