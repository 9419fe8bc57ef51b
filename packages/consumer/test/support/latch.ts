export interface Latch {
  readonly opened: Promise<void>
  open(): void
}

/** A promise that the test resolves, to stop a handler exactly where it wants. */
export function latch(): Latch {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
