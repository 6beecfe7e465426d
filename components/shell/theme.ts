'use client';
// Light, dark or system theme: stored in a cookie, so that the server renders it without a flash.

export type Theme = 'system' | 'light' | 'dark';

const A_YEAR = 365 * 24 * 60 * 60;

export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
    document.cookie = 'theme=; path=/; max-age=0; samesite=lax';
  } else {
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${A_YEAR}; samesite=lax`;
  }
}
