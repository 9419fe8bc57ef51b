/** PGSync's schema for the documents of our `productIndex`, in an index with the same settings. */
export function pgSyncSchema(database: string, index: string, settings: object, mappings: object): object[] {
  return [
    {
      database,
      index,
      setting: settings,
      mapping: mappings,
      nodes: {
        table: 'products',
        columns: ['id', 'name', 'price'],
        children: [
          {
            table: 'brands',
            label: 'brand',
            columns: ['name'],
            relationship: { variant: 'scalar', type: 'one_to_one' },
          },
        ],
      },
    },
  ]
}
