import Table from 'cli-table3'
import colors from 'picocolors'

/** Where a command writes its result: text for people, or one JSON document. */
export interface Output {
  readonly isJson: boolean
  /** Writes a line for people. */
  line(text?: string): void
  /** Writes a table for people. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void
  /** Writes the result for scripts, in a line of its own. */
  json(value: unknown): void
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    line: (text = '') => {
      if (!isJson) write(text)
    },
    table: (head, rows) => {
      if (!isJson && rows.length > 0) write(tableOf(head, rows))
    },
    json: (value) => {
      if (isJson) write(JSON.stringify(value, plain))
    },
  }
}

/** Writes a line to stdout. */
export function write(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A table without lines, which can be copied and searched. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
      'left-mid',
      'mid',
      'mid-mid',
      'right',
      'right-mid',
    ].map((each) => [each, '']),
  )
  const table = new Table({
    head: head.map((each) => colors.dim(each)),
    chars: { ...none, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}

/** JSON has no bigint and no Map. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) return Object.fromEntries(value)
  return value
}
