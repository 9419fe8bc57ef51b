import { KtError } from '../errors/kt-error.ts'

/** Checks the options of one class. Each check returns the value, or throws `KT_OPTION_INVALID` naming the option. */
export interface OptionChecker {
  string(option: string, value: unknown): string
  /** Requires a whole number from `min` (default 0) to `max`. */
  integer(option: string, value: unknown, bounds?: { min?: number; max?: number }): number
  boolean(option: string, value: unknown): boolean
  /** Requires a function. */
  callable<F>(option: string, value: F): F
  /** Requires an object with all of `methods`. This checks a port without knowing its class. */
  port<T>(option: string, value: T, methods: readonly string[]): T
  /** Requires an object that has no other options than these, so that a misspelt one is found. */
  only<T extends object>(option: string, value: T, names: readonly string[]): T
  oneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T
  /** Throws for an option that none of the other checks covers. */
  fail(option: string, must: string, ...got: readonly [value?: unknown]): never
}

/** Creates checks for the options of `owner`, the class or function that the user has called. */
export function optionChecker(owner: string): OptionChecker {
  const fail = (option: string, must: string, ...got: readonly [value?: unknown]): never => {
    // Report the value's type, never the value: an option may contain a password.
    throw new KtError(
      'KT_OPTION_INVALID',
      `${owner}: option "${option}" must be ${must}${got.length === 0 ? '' : `, got ${kind(got[0])}`}`,
      { retryable: false },
    )
  }
  return {
    fail,
    string: (option, value) =>
      typeof value === 'string' && value !== '' ? value : fail(option, 'a non-empty string', value),
    integer: (option, value, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
        ? (value as number)
        : fail(option, `a whole number ${range(min, max)}`, value),
    boolean: (option, value) => (typeof value === 'boolean' ? value : fail(option, 'a boolean', value)),
    callable: (option, value) => (typeof value === 'function' ? value : fail(option, 'a function', value)),
    port: (option, value, methods) => {
      const missing = methods.filter((method) => typeof property(value, method) !== 'function')
      return missing.length === 0
        ? value
        : fail(option, `an object with the methods ${methods.join(', ')}`, value)
    },
    only: (option, value, names) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        fail(option, 'an object', value)
      const unknown = Object.keys(value).find((name) => !names.includes(name))
      return unknown === undefined ? value : fail(`${option}.${unknown}`, `one of ${names.join(', ')}`)
    },
    oneOf: (option, value, allowed) =>
      allowed.find((candidate) => candidate === value) ??
      fail(option, `one of ${allowed.map((each) => `"${each}"`).join(', ')}`, value),
  }
}

function property(value: unknown, name: string): unknown {
  return value === null || value === undefined ? undefined : (value as Record<string, unknown>)[name]
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
}

function kind(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return `the number ${value}`
  if (value === '') return 'an empty string'
  return Array.isArray(value) ? 'an array' : typeof value
}
