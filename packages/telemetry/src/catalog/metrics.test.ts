import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { metricUses, sources } from '../../test/support/metric-uses.ts'
import type { MetricUse } from '../../test/support/metric-uses.ts'
import { fits } from '../measurement.ts'
import type { MeterMethod } from '../measurement.ts'
import type { MetricDescription } from './metric-description.ts'
import { metrics } from './metrics.ts'

const files = sources()
const uses = files.flatMap(metricUses)
const byName = new Map(metrics.map((metric) => [metric.name, metric]))
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

test('finds the metrics of all packages', () => {
  expect(uses.length).toBeGreaterThan(35)
  expect(new Set(uses.map((use) => use.package)).size).toBeGreaterThan(6)
})

test('describes every metric that a package emits', () => {
  expect(uses.map(({ name }) => name).filter((name) => !byName.has(name))).toEqual([])
})

test('describes each metric once, with what Prometheus and OpenTelemetry need', () => {
  expect(byName.size).toBe(metrics.length)
  for (const { name, kind, help, labels } of metrics) {
    expect(name).toMatch(kind === 'counter' ? /^kt_[a-z_]+_total$/ : /^kt_[a-z_]+(?<!_total)$/)
    expect(help).toMatch(/^[^\n|]+\.$/)
    expect(labels).toEqual([...new Set(labels)])
  }
})

test.each(metrics.filter((metric) => metric.kind === 'histogram'))(
  '$name has its unit in its name, and increasing buckets',
  ({ name, unit, buckets }) => {
    expect(unit).toBe(name.endsWith('_bytes') ? 'By' : 'ms')
    expect(buckets).toEqual([...new Set(buckets)].toSorted((a, b) => a - b))
  },
)

test('describes no metric that is not emitted', () => {
  expect(metrics.filter((metric) => usesOf(metric).length === 0 && !isInSources(metric))).toEqual([])
})

test.each(metrics.filter((metric) => usesOf(metric).length > 0))(
  '$name is emitted as described',
  (metric) => {
    const own = usesOf(metric)
    for (const use of own) {
      expect(use.package).toBe(metric.package)
      expect({ method: use.method, fits: fits(use.method as MeterMethod, metric.kind) }).toMatchObject({
        fits: true,
      })
      expect(metric.labels).toEqual(expect.arrayContaining([...use.labels]))
    }
    const found = new Set(own.flatMap((use) => use.labels))
    const missing = metric.labels.filter((label) => !found.has(label))
    expect(own.some(({ hasMore }) => hasMore) ? [] : missing).toEqual([])
  },
)

function usesOf(metric: MetricDescription): MetricUse[] {
  return uses.filter(({ name }) => name === metric.name)
}

/** Gauges of `@kt/sync` may be emitted in other ways than by a call with their name. */
function isInSources(metric: MetricDescription): boolean {
  if (metric.package !== '@kt/sync') return false
  const own = files.filter((file) => file.package === '@kt/sync' && file.text.includes('kt_'))
  return own.length === 0 || own.some(({ text }) => text.includes(metric.name))
}

test('the README has a row for each metric', () => {
  const rows = readme
    .split('\n')
    .filter((line) => line.startsWith('| `kt_'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  expect(rows).toEqual(
    metrics.map(({ name, kind, unit, labels, help }) => [
      `\`${name}\``,
      kind,
      `\`${unit}\``,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  )
})

test('the README uses no other metrics', () => {
  const names = [...readme.matchAll(/\bkt_[a-z_]+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  )
  expect(names.filter((name) => !byName.has(name) && name !== 'kt_name')).toEqual([])
})
