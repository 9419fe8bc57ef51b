import { KtError } from '@kt/core'

export function indexMissing(alias: string): KtError {
  return new KtError(
    'KT_GENERATION_MISSING',
    `No index of this configuration has the alias "${alias}". Create it by "kt apply", or by apply() of the Sync`,
    { retryable: true },
  )
}
