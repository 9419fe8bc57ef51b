import type { Admin } from 'kafkajs'
import { quietKafka } from 'testkit'

/** Asks, or tells, a Kafka. */
export async function withAdmin<T>(
  brokers: readonly string[],
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = quietKafka({ brokers: [...brokers] }).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}
