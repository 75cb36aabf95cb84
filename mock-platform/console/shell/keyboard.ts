const TYPING =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';

/** Parts of a page that have uses of their own for arrow keys and Enter. */
const OWN_KEYS = `${TYPING}, a, button, summary, [role=tree], [role=tablist], [role=listbox], [role=separator], dialog`;

const isIn = (event: KeyboardEvent, selector: string): boolean =>
  event.target instanceof Element && event.target.closest(selector) !== null;

/** Whether a key goes into a field, or belongs to the browser: no shortcut of the console. */
export const isTyping = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey || isIn(event, TYPING);

/** Whether what has the focus has a use for the key itself. */
export const hasOwnKeys = (event: KeyboardEvent): boolean => isTyping(event) || isIn(event, OWN_KEYS);

/** Puts the cursor into the view's filter; false: it has none. */
export function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>('[data-filter]');
  filter?.focus();
  filter?.select();
  return filter !== null;
}
