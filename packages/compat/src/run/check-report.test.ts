import { describe, expect, test } from 'vitest'
import type { Outcome, Report } from '../app/report.ts'
import type { Case } from '../cases/case.ts'
import { checkReport } from './check-report.ts'

const delayMs = 4_000
const plainCase: Case = { name: 'a', what: 'b', flavour: 'esm' }

function outcome(result: string, failed = false): Outcome {
  return { name: 'create', result, failed, mustFail: false }
}

function reportOf(differing: Partial<Report> = {}): Report {
  return {
    plain: [outcome('1')],
    streamed: [outcome('1')],
    idleTimeouts: { somewhere: '2s' },
    statement: 'SELECT 1',
    evidence: { spans: 3 },
    evidenceOfWrites: { plain: { statements: 5 }, streamed: { statements: 5 } },
    log: [],
    delayed: 0,
    nodeVersion: 'v20.19.0',
    ...differing,
  }
}

function findings(differing: Partial<Report>, each: Partial<Case> = {}): string[] {
  return checkReport({ ...plainCase, ...each }, reportOf(differing), delayMs)
}

describe('findings in a report', () => {
  test('finds nothing if everything is the same', () => {
    expect(findings({}, { evidence: ['spans'], equalEvidence: ['statements'] })).toEqual([])
  })

  test('finds a different result and a missing write', () => {
    expect(findings({ streamed: [outcome('2')] })).toHaveLength(1)
    expect(findings({ streamed: [] })).toHaveLength(1)
  })

  test('finds a write that fails in both runs', () => {
    const both = [outcome('error', true)]
    expect(findings({ plain: both, streamed: both })).toHaveLength(1)
  })

  test('finds a write that must fail and does not', () => {
    const both = [{ ...outcome('1'), mustFail: true }]
    expect(findings({ plain: both, streamed: both })).toHaveLength(1)
  })

  test.each(['0', '4s', '1min', 'nothing'])('finds an idle timeout of %s', (text) => {
    expect(findings({ idleTimeouts: { somewhere: text } })).toHaveLength(1)
  })

  test.each(['1999ms', '2s'])('accepts an idle timeout of %s', (text) => {
    expect(findings({ idleTimeouts: { somewhere: text } })).toEqual([])
  })

  test('finds pending delay messages', () => {
    expect(findings({ delayed: 1 })).toHaveLength(1)
  })

  test('finds an agent that has seen nothing, has seen less with a stream, or has added nothing', () => {
    expect(findings({}, { evidence: ['queries'] })).toHaveLength(1)
    const fewer = { plain: { statements: 5 }, streamed: { statements: 4 } }
    expect(findings({ evidenceOfWrites: fewer }, { equalEvidence: ['statements'] })).toHaveLength(1)
    expect(findings({}, { comment: '/*' })).toHaveLength(1)
  })
})
