/** An error of whoever has called the command. It is shown without a stack trace. */
export class UserError extends Error {
  readonly remedy: string | undefined

  /** @param remedy what to do */
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UserError'
    this.remedy = remedy
  }
}
