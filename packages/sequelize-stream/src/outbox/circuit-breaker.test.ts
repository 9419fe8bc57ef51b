import { noopMeter, silentLogger } from '@kt/core'
import { expect, test, vi } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.ts'

function breaker(): { circuit: CircuitBreaker; clock: { ms: number }; states: unknown[] } {
  const clock = { ms: 0 }
  const states: unknown[] = []
  const meter = { ...noopMeter, add: (_: string, __: number, labels?: object) => void states.push(labels) }
  const circuit = new CircuitBreaker({ probeMs: 100, logger: silentLogger, meter, now: () => clock.ms })
  return { circuit, clock, states }
}

test('opens at the first failure, probes with one at a time, and closes when a probe succeeds', () => {
  const { circuit, clock, states } = breaker()
  expect(circuit.tryProbe()).toBe(false)
  circuit.failed(new Error('away'))
  expect([circuit.state, circuit.tryProbe()]).toEqual(['open', false])
  clock.ms = 100
  expect([circuit.tryProbe(), circuit.tryProbe(), circuit.state]).toEqual([true, false, 'half-open'])
  circuit.failed(new Error('still away'))
  expect([circuit.state, circuit.tryProbe()]).toEqual(['open', false])
  clock.ms = 200
  expect(circuit.tryProbe()).toBe(true)
  circuit.succeeded()
  expect(circuit.state).toBe('closed')
  expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed'].map((state) => ({ to: state })))
})

test('does not postpone the probe for late failures', () => {
  const { circuit, clock } = breaker()
  circuit.failed(new Error('away'))
  clock.ms = 99
  circuit.failed(new Error('away'))
  clock.ms = 100
  expect(circuit.tryProbe()).toBe(true)
})

test('logs each outage once', () => {
  const warn = vi.fn<(message: string) => void>()
  const info = vi.fn<(message: string) => void>()
  const logger = { ...silentLogger, warn, info }
  const circuit = new CircuitBreaker({ probeMs: 0, logger, meter: noopMeter })
  circuit.failed(new Error('away'))
  circuit.failed(new Error('away'))
  circuit.tryProbe()
  circuit.failed(new Error('away'))
  circuit.tryProbe()
  circuit.succeeded()
  circuit.succeeded()
  expect([warn.mock.calls.length, info.mock.calls.length]).toEqual([1, 1])
})
