// A browser and its place in words, for lists of sessions and mails about them. Rough on purpose: enough to recognise one's own.
import { neighbourhoodOf } from '@/lib/config/address-range';

/** In this order: most browsers also name those that they descend from. */
const BROWSERS: [RegExp, string][] = [
  [/\b(?:Edg|EdgA|EdgiOS)\//, 'Edge'],
  [/\b(?:OPR|OPiOS|Opera)\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac ?OS ?X?\b|\bMacintosh\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
];

/** 'Firefox on Windows'. */
export function deviceInWords(userAgent: string | null): string {
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? (system ? `A browser on ${system}` : 'An unknown browser');
}

/** The neighbourhood of an address, as it is stored with a session: nobody is followed by it. */
export const placeOf = (ip: string | null): string => neighbourhoodOf(ip);

/** '192.0.2.…'. */
export function placeInWords(place: string | null): string {
  if (place === null || place === 'unknown') return 'an unknown address';
  if (place.startsWith('127.') || place === '0:0:0:0/64') return 'the server’s own machine';
  return place.replace(/\.0\/24$/, '.…').replace(/\/64$/, ':…');
}
