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

describe('what is wrong with a report', () => {
  test('nothing, when all is the same', () => {
    expect(findings({}, { evidence: ['spans'], equalEvidence: ['statements'] })).toEqual([])
  })

  test('a result that differs, a write that is missing', () => {
    expect(findings({ streamed: [outcome('2')] })).toHaveLength(1)
    expect(findings({ streamed: [] })).toHaveLength(1)
  })

  test('a write that fails in both runs', () => {
    const both = [outcome('error', true)]
    expect(findings({ plain: both, streamed: both })).toHaveLength(1)
  })

  test('a write that must fail and does not', () => {
    const both = [{ ...outcome('1'), mustFail: true }]
    expect(findings({ plain: both, streamed: both })).toHaveLength(1)
  })

  test.each(['0', '4s', '1min', 'nothing'])('an idle time-out of %s', (text) => {
    expect(findings({ idleTimeouts: { somewhere: text } })).toHaveLength(1)
  })

  test.each(['1999ms', '2s'])('but not one of %s', (text) => {
    expect(findings({ idleTimeouts: { somewhere: text } })).toEqual([])
  })

  test('delay messages that wait', () => {
    expect(findings({ delayed: 1 })).toHaveLength(1)
  })

  test('an agent that has seen nothing, or less with a stream, or has added nothing', () => {
    expect(findings({}, { evidence: ['queries'] })).toHaveLength(1)
    const fewer = { plain: { statements: 5 }, streamed: { statements: 4 } }
    expect(findings({ evidenceOfWrites: fewer }, { equalEvidence: ['statements'] })).toHaveLength(1)
    expect(findings({}, { comment: '/*' })).toHaveLength(1)
  })
})
