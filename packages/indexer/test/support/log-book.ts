import { inspect } from 'node:util'
import type { LogFields, Logger } from '@kt/core'

export interface LogLine {
  readonly level: keyof Logger
  readonly message: string
  readonly fields: LogFields
}

/** Records every line of every level, to be searched for forbidden text. */
export class LogBook {
  readonly lines: LogLine[] = []
  readonly logger: Logger = {
    debug: this.#at('debug'),
    info: this.#at('info'),
    warn: this.#at('warn'),
    error: this.#at('error'),
  }

  /** Returns all lines as a console would print them. */
  get text(): string {
    return this.lines.map((line) => inspect(line, { depth: 20, maxStringLength: null })).join('\n')
  }

  /** Returns the lines of this level as text. */
  at(level: keyof Logger): string {
    return this.lines
      .filter((line) => line.level === level)
      .map((line) => JSON.stringify(line))
      .join('\n')
  }

  #at(level: keyof Logger): (message: string, fields?: LogFields) => void {
    return (message, fields = {}) => void this.lines.push({ level, message, fields })
  }
}
