import { Client } from 'pg'
import { Sequelize } from 'sequelize'
import { initBrand } from './brand.ts'
import { initProduct } from './product.ts'

export interface TableSize {
  readonly products: number
  /** The products are spread evenly over the brands. */
  readonly brands: number
}

/** Creates and fills the tables: products 1 to n, brands 1 to m. */
export async function fillDatabase(url: string, { products, brands }: TableSize): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`
      CREATE TABLE brands (id integer PRIMARY KEY, name text NOT NULL);
      CREATE TABLE products (
        id integer PRIMARY KEY,
        name text NOT NULL,
        price integer NOT NULL,
        brand_id integer NOT NULL REFERENCES brands
      );
      INSERT INTO brands SELECT i, 'Brand ' || i FROM generate_series(1, ${brands}) i;
      INSERT INTO products
        SELECT i, 'Product number ' || i, i % 1000, 1 + i % ${brands} FROM generate_series(1, ${products}) i;
      CREATE INDEX ON products (brand_id, id);
      ANALYZE`)
  } finally {
    await client.end()
  }
}

/** Connects the models to the database. Does no I/O yet. */
export function openDatabase(url: string, connections = 8): Sequelize {
  const sequelize = new Sequelize(url, { logging: false, pool: { max: connections, acquire: 60_000 } })
  initBrand(sequelize)
  initProduct(sequelize)
  return sequelize
}
