import type { IndexDefinition } from '@kt/indexer'
import { modelSource } from '@kt/sequelize-stream'
import type { Model } from 'sequelize'
import type { AnyModel, Models } from './models.ts'

type Document = (record: Model) => object

/** What is in the documents: `rows.ts` of the runner says it once more, by SQL. */
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
  /** Its definition, in the index of this name. */
  readonly definition: (index: string) => IndexDefinition<Model>
}

/** All models, as they are streamed and indexed. */
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
