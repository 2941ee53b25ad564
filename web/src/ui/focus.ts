/**
 * Gives the focus to what has just come on the page in the place of what had it, so that who has no mouse goes on from
 * there; not if the person is elsewhere, as in a field or a dialog.
 */
export function takeFocus(element: HTMLElement | null): void {
  const { activeElement } = document
  const isFree = activeElement === null || activeElement === document.body || !activeElement.isConnected
  if (isFree) element?.focus({ preventScroll: true })
}
