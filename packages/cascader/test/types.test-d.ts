import type { Cascader } from '@kt/cascader'
import type { CascaderRunOptions, FindDependents, Records } from '@kt/cascader'
import { expectTypeOf, test } from 'vitest'

declare const cascader: Cascader
declare const options: Omit<CascaderRunOptions, 'find'>

test('find may return what import accepts, or a promise of it', () => {
  expectTypeOf<ReturnType<FindDependents>>().toEqualTypeOf<Records | Promise<Records>>()
  void cascader.run({ ...options, find: (ids) => ids.map((id) => ({ id })) })
  void cascader.run({ ...options, find: (ids) => Promise.resolve(ids.map((id) => ({ id }))) })
  // @ts-expect-error a number is not a list of records
  void cascader.run({ ...options, find: (ids) => ids.length })
})
