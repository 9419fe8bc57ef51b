import { afterEach, expect, test, vi } from 'vitest'
import { UnavailableError } from '../errors.ts'
import { copyJars } from './maven.ts'

afterEach(() => void vi.unstubAllEnvs())

test('without Maven, the error says so and names the alternative', async () => {
  vi.stubEnv('PATH', '/nowhere')
  const copied = copyJars({ title: 'Kafka', artifacts: [], folder: '/nowhere', onProgress: () => undefined })
  await expect(copied).rejects.toBeInstanceOf(UnavailableError)
  await expect(copied).rejects.toThrow(/Maven is missing.*[^]*KT_KAFKA_BROKERS/)
})
