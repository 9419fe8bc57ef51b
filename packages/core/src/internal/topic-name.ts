/** Topic names that Kafka allows. */
const allowed = /^[a-zA-Z0-9._-]{1,249}$/

/**
 * Whether a message may be sent to a topic whose name came in a message: Kafka must allow the name, and it must not be
 * one of Kafka's own topics, such as `__consumer_offsets`.
 */
export function isTopicName(name: unknown): name is string {
  return (
    typeof name === 'string' && allowed.test(name) && name !== '.' && name !== '..' && !name.startsWith('__')
  )
}
