import type { IndexDefinition } from '@kt/indexer'
import { modelSource } from '@kt/sequelize-stream'
import type { Model } from 'sequelize'
import type { AnyModel, Models } from './models.ts'

type Document = (record: Model) => object

/** The documents' properties. The runner's `rows.ts` defines them independently, in SQL. */
const documents: Readonly<Record<keyof Models, Document>> = {
  Country: (country) => ({ name: text(country, 'name') }),
  City: (city) => ({
    name: text(city, 'name'),
    population: city.get('population') as number,
    country: nameOf(city.get('country')),
  }),
  Note: (note) => ({ text: text(note, 'text'), cityId: note.get('cityId') as number | null }),
  Tag: (tag) => ({ name: text(tag, 'name') }),
  CityTag: (cityTag) => ({ weight: cityTag.get('weight') as number }),
  Reading: (reading) => ({ value: reading.get('value') as number }),
  Event: (event) => ({ title: text(event, 'title') }),
}

function text(record: Model, name: string): string | null {
  return record.get(name) as string | null
}

function nameOf(country: unknown): string | null {
  return country === null || country === undefined ? null : text(country as Model, 'name')
}

export interface Stream {
  readonly table: string
  readonly model: AnyModel
  /** Its definition, for the index with this name. */
  readonly definition: (index: string) => IndexDefinition<Model>
}

/** All models with their streams and indexes. */
export function streamsOf(models: Models): readonly Stream[] {
  return (Object.keys(documents) as (keyof Models)[]).map((name) => {
    const model = models[name]
    const source = modelSource(model, name === 'City' ? { include: 'country' } : {})
    return {
      table: model.tableName,
      model,
      definition: (index) => ({ name: index, ...source, document: documents[name] }),
    }
  })
}
