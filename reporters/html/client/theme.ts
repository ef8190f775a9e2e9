/** Light, dark, or as the system has it. Remembered where the browser lets a local file remember. */
import { el } from './dom.ts';

const KEY = 'vmtest-theme';
const NEXT: Record<string, string> = { auto: 'dark', dark: 'light', light: 'auto' };
const LABELS: Record<string, string> = { auto: '◐ auto', dark: '☾ dark', light: '☼ light' };

export function restoreTheme(): void {
  let theme = 'auto';
  try {
    theme = localStorage.getItem(KEY) ?? theme;
  } catch {
    // Local files may not store anything.
  }
  apply(theme in NEXT ? theme : 'auto');
}

export function themeButton(): HTMLElement {
  const text = () => LABELS[current()] ?? '';
  const button = el('button', { type: 'button', class: 'quiet', title: 'Colours of the page' }, text());
  button.addEventListener('click', () => {
    const theme = NEXT[current()] ?? 'auto';
    apply(theme);
    button.textContent = text();
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // As above.
    }
  });
  return button;
}

function current(): string {
  return document.documentElement.dataset['theme'] ?? 'auto';
}

function apply(theme: string): void {
  document.documentElement.dataset['theme'] = theme;
}
