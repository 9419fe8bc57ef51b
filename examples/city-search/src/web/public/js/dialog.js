/**
 * Adds the common behaviour of all dialogs: closing, and submitting without closing when that fails.
 *
 * @param {HTMLDialogElement} dialog
 * @param {(values: Record<string, string>, action: string) => Promise<unknown>} send
 */
export function setUpDialog(dialog, send) {
  dialog.querySelector('[data-close]')?.addEventListener('click', () => dialog.close())
  // A click on the backdrop targets the dialog itself. Clicks on its content target the form.
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
  dialog.querySelector('form')?.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const action = event.submitter instanceof HTMLButtonElement ? event.submitter.value : ''
    const values = Object.fromEntries(
      [...new FormData(event.target)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
    )
    void closeAfter(dialog, () => send(values, action))
  })
}

/**
 * Runs an action and closes the dialog. On an error, keeps it open and shows the reason.
 *
 * @param {HTMLDialogElement} dialog
 * @param {() => Promise<unknown>} act
 */
export async function closeAfter(dialog, act) {
  // The buttons stay enabled, because disabling the clicked one would lose the focus. Another click does nothing.
  if (dialog.hasAttribute('data-busy')) return
  showError(dialog, '')
  showBusy(dialog, true)
  try {
    await act()
    dialog.close()
  } catch (error) {
    showError(dialog, error instanceof Error ? error.message : String(error))
  } finally {
    showBusy(dialog, false)
  }
}

/** @param {HTMLDialogElement} dialog @param {boolean} isBusy */
function showBusy(dialog, isBusy) {
  dialog.toggleAttribute('data-busy', isBusy)
  const place = dialog.querySelector('[data-progress]')
  if (place) place.textContent = isBusy ? 'Writing to the database …' : ''
}

/** @param {HTMLDialogElement} dialog @param {string} message */
export function showError(dialog, message) {
  const place = dialog.querySelector('[data-error]')
  if (place) place.textContent = message
}
