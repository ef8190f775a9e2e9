import { el } from './dom.ts';

/** Copies a command. Without a clipboard (pages of plain http) there is no button. */
export function copyButton(text: string): HTMLElement | undefined {
  if (navigator.clipboard === undefined) return undefined;
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: async () => {
        const done = await navigator.clipboard.writeText(text).then(
          () => 'Copied',
          () => 'Not allowed',
        );
        button.textContent = done;
      },
    },
    'Copy',
  );
  return button;
}
