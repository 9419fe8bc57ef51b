import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A call of `add`, `record` or `set` of a meter in the sources of a package. */
export interface MetricUse {
  readonly package: string
  readonly method: string
  readonly name: string
  /** The labels that the source shows. */
  readonly labels: readonly string[]
  /** Whether there may be more labels than the source shows at this place. */
  readonly hasMore: boolean
}

const packages = new URL('../../..', import.meta.url).pathname
/** Packages that are not published, and this one. */
const excluded: ReadonlySet<string> = new Set(['bench', 'compat', 'crash-lab', 'telemetry', 'testkit'])

/** Each published package's sources, without tests. */
export function sources(): { package: string; text: string }[] {
  return readdirSync(packages)
    .filter((name) => !excluded.has(name))
    .flatMap((name) =>
      filesBelow(join(packages, name, 'src')).map((file) => ({
        package: `@kt/${name}`,
        text: readFileSync(file, 'utf8'),
      })),
    )
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(folder, file))
  } catch {
    return [] // a package without sources
  }
}

/** The metrics that the source of a package emits. A name that isn't a literal is returned as its source text. */
export function metricUses(source: { package: string; text: string }): MetricUse[] {
  if (!source.text.includes('eter')) return []
  const file = ts.createSourceFile('source.ts', source.text, ts.ScriptTarget.Latest, true)
  const uses: MetricUse[] = []
  const visit = (node: ts.Node): void => {
    const use = ts.isCallExpression(node) ? useOf(node, file) : undefined
    if (use !== undefined) uses.push({ package: source.package, ...use })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return uses
}

function useOf(call: ts.CallExpression, file: ts.SourceFile): Omit<MetricUse, 'package'> | undefined {
  const { expression: callee } = call
  const [name, , labels] = call.arguments
  if (!ts.isPropertyAccessExpression(callee) || name === undefined) return undefined
  const method = callee.name.text
  if (!['add', 'record', 'set'].includes(method)) return undefined
  const isLiteral = ts.isStringLiteral(name)
  const isMetric = isLiteral && name.text.startsWith('kt_')
  // A meter that passes on the name of its caller.
  if (ts.isIdentifier(name)) return undefined
  if (!isMetric && !/(^|[.#])meter[?!]?$/i.test(callee.expression.getText())) return undefined
  return { method, name: isLiteral ? name.text : name.getText(), ...labelsOf(labels, file) }
}

function labelsOf(
  labels: ts.Expression | undefined,
  file: ts.SourceFile,
): Pick<MetricUse, 'labels' | 'hasMore'> {
  if (labels === undefined) return { labels: [], hasMore: false }
  const literal = ts.isObjectLiteralExpression(labels) ? labels : constantOf(labels, file)
  if (literal === undefined) return { labels: [], hasMore: true }
  return {
    labels: literal.properties.flatMap(({ name }) => (name === undefined ? [] : [name.getText()])),
    hasMore: literal.properties.some(ts.isSpreadAssignment),
  }
}

/** The object literal of `const labels = { … }` in the same file. */
function constantOf(labels: ts.Expression, file: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  if (!ts.isIdentifier(labels)) return undefined
  let found: ts.ObjectLiteralExpression | undefined
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === labels.text && node.initializer)
      if (ts.isObjectLiteralExpression(node.initializer)) found = node.initializer
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}
