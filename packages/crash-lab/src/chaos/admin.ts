import type { Admin } from 'kafkajs'
import { quietKafka } from 'testkit'

/** Runs a Kafka admin request with an admin client of its own. */
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
