const TYPING =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';

/** Elements that use arrow keys and Enter themselves. */
const OWN_KEYS = `${TYPING}, a, button, summary, [role=tree], [role=tablist], [role=listbox], [role=separator], dialog`;

/** Also for an element in a shadow tree, such as the code editor. */
function isIn(event: KeyboardEvent, selector: string): boolean {
  const [target] = event.composedPath();
  return target instanceof Element && target.closest(selector) !== null;
}

/** Whether a key is for a field or the browser, and not a shortcut of the console. */
export const isTyping = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey || isIn(event, TYPING);

/** Whether the focused element uses the key itself. */
export const hasOwnKeys = (event: KeyboardEvent): boolean => isTyping(event) || isIn(event, OWN_KEYS);

/** Focuses the view's filter. @returns false if it has none */
export function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>('[data-filter]');
  filter?.focus();
  filter?.select();
  return filter !== null;
}
