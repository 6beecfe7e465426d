'use server';
import { runAction } from '@/app/run-action';
import { changeMyPassword, renameMyself } from '@/lib/accounts/users';

export async function renameMyselfAction(input: unknown) {
  return runAction(renameMyself, input);
}

export async function changeMyPasswordAction(input: unknown) {
  return runAction(changeMyPassword, input);
}
