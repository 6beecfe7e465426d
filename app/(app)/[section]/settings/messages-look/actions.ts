'use server';
import { runAction } from '@/app/run-action';
import { saveBrand } from '@/lib/messages/brand';

export const saveBrandAction = async (input: unknown, requestId: string) => runAction(saveBrand, input, requestId);
