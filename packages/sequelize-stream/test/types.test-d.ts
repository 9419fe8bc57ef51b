import type { RecordSource } from '@kt/core'
import { DataTypes, Model } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'
import { Model as TsModel } from 'sequelize-typescript'
import { expectTypeOf, test } from 'vitest'
import { modelSource, recordsBy, updateStream } from '../src/index.ts'
import type { RawRecord, UpdateStreamer } from '../src/index.ts'

declare const sequelize: Sequelize
declare const updateStreamer: UpdateStreamer

class Initialised extends Model<InferAttributes<Initialised>, InferCreationAttributes<Initialised>> {
  declare id: CreationOptional<number>
  declare name: string
}

class Decorated extends TsModel<Decorated> {
  declare name: string
}

class WithConstructor extends Model {
  constructor(name: string) {
    super({ name })
  }
}

const Defined = sequelize.define('Defined', { name: DataTypes.STRING })

test('updateStream accepts every kind of model class without a cast', () => {
  expectTypeOf(updateStream(Initialised, { updateStreamer })).toEqualTypeOf<() => void>()
  updateStream(Decorated, { updateStreamer, topic: 'decorated' })
  updateStream(WithConstructor, { updateStreamer })
  updateStream(Defined, { updateStreamer })
  updateStream([Initialised, Decorated, WithConstructor, Defined], { updateStreamer })
  // @ts-expect-error one topic for several models would mix them
  updateStream([Initialised, Defined], { updateStreamer, topic: 'all' })
  // @ts-expect-error not a model
  updateStream({ name: 'Product' }, { updateStreamer })
})

test("a payload receives the model's record type", () => {
  updateStream(Initialised, {
    updateStreamer,
    payload: (record) => {
      expectTypeOf(record).toEqualTypeOf<Initialised>()
      return { id: record.id, name: record.name }
    },
  })
  updateStream(Decorated, {
    updateStreamer,
    payload: (record) => ({ id: Number(record.id), name: record.name }),
  })
})

test('a source has the type of its records', () => {
  const source = modelSource(Initialised)
  expectTypeOf(source).toEqualTypeOf<RecordSource<Initialised>>()
  expectTypeOf(modelSource(Initialised, { raw: true })).toEqualTypeOf<RecordSource<RawRecord<Initialised>>>()
  // @ts-expect-error an attribute that the model doesn't have
  recordsBy(Initialised, 'nameless', ['1'])
})
