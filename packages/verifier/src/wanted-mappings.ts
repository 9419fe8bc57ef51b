type Json = Readonly<Record<string, unknown>>

/** What the search engine always returns. It leaves out other parameters that have their defaults. */
const returned = new Set(['type', 'properties', 'fields', 'dynamic', 'analyzer'])

/**
 * Returns the paths of the wanted mappings that the index has otherwise. What only the index has is ignored: dynamic
 * fields, and its own defaults. The search engine returns numbers and booleans as text, single values as lists, and no
 * type of objects.
 */
export function differingMappings(wanted: object, found: object, path = ''): readonly string[] {
  return Object.entries(wanted).flatMap(([name, value]: [string, unknown]) => {
    const at = path === '' ? name : `${path}.${name}`
    // Says nothing about documents.
    if (at === '_meta') return []
    const other = (found as Json)[name]
    if (isObject(value)) return isObject(other) ? differingMappings(value, other, at) : [at]
    if (other === undefined)
      return isDefault(name, value, found) || (!returned.has(name) && path !== '') ? [] : [at]
    return textOf(value) === textOf(other) ? [] : [at]
  })
}

function isDefault(name: string, value: unknown, found: object): boolean {
  return name === 'type' && value === 'object' && 'properties' in found
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value) && value.length === 1) return textOf(value[0])
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
