// What the engine's elements lack, given to them as they appear: a name for those that have none, and the word to the
// browser to keep nothing of what is typed.
import { say } from './early';

export function mend(): void {
  new MutationObserver((changes) => {
    for (const c of changes) {
      for (const n of c.addedNodes) {
        if (!(n instanceof Element)) continue;
        for (const e of [n, ...n.querySelectorAll('input, textarea, button.button-menu, [role=combobox]')]) {
          if (e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement) {
            quiet(e);
            name(e);
          } else if (e.getAttribute('role') === 'combobox') {
            name(e);
          } else if (e.matches('button.button-menu') && !e.hasAttribute('aria-label')) {
            e.setAttribute('aria-label', say('respond.entry-menu'));
          }
        }
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
}

/** Nothing that is typed is offered to the browser's memory of forms, its session, or its spelling service. */
function quiet(e: HTMLInputElement | HTMLTextAreaElement): void {
  e.autocomplete = 'off';
  e.spellcheck = false;
}

let count = 0;

/** Dates, numbers and lists sit within a widget, where the question's label does not reach them. */
function name(e: Element): void {
  if ((e as HTMLInputElement).labels?.length || e.hasAttribute('aria-label') || e.hasAttribute('aria-labelledby')) return;
  const label = e.closest('.question-container')?.querySelector('.control-text label');
  if (!label) return;
  label.id ||= 'wm-label-' + ++count;
  e.setAttribute('aria-labelledby', label.id);
}
