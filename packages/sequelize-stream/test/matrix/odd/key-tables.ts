import { DataTypes, literal } from 'sequelize'
import type { OddTable } from './odd-table.ts'

function keyed(attribute: string, values: readonly unknown[]): OddTable['keys'] {
  return values.map((value) => ({ [attribute]: value }))
}

const none = [{}, {}, {}, {}]

/** Keys of all kinds. */
export const keyTables: readonly OddTable[] = [
  {
    name: 'a generated INTEGER',
    attributes: { id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true } },
    keys: none,
  },
  {
    name: 'a generated BIGINT',
    dialects: ['postgres', 'mariadb'],
    attributes: { id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true } },
    keys: none,
  },
  {
    name: 'a BIGINT beyond the safe integers of JavaScript',
    dialects: ['postgres', 'mariadb'],
    attributes: { id: { type: DataTypes.BIGINT, primaryKey: true } },
    keys: keyed('id', ['9007199254740993', '9007199254740995', '9007199254740997', '-9007199254740999']),
  },
  {
    name: 'a UUID that the model generates',
    attributes: { id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 } },
    keys: keyed(
      'id',
      [1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`),
    ),
  },
  {
    name: 'a UUID that the database generates',
    dialects: ['postgres'],
    attributes: {
      id: { type: DataTypes.UUID, primaryKey: true, defaultValue: literal('gen_random_uuid()') },
    },
    keys: none,
  },
  {
    name: 'a text with all kinds of characters',
    attributes: { id: { type: DataTypes.STRING(60), primaryKey: true } },
    keys: keyed('id', ['a,b', '50%', `it's "quoted" \\ ö`, '$1 :id ?']),
  },
  {
    name: 'a text with spaces',
    dialects: ['postgres', 'sqlite'],
    attributes: { id: { type: DataTypes.STRING(60), primaryKey: true } },
    keys: keyed('id', [' a', 'a ', 'A', 'a']),
  },
  {
    name: 'two parts',
    attributes: {
      site: { type: DataTypes.STRING(20), primaryKey: true },
      day: { type: DataTypes.INTEGER, primaryKey: true },
    },
    keys: [
      { site: 'A,1', day: 1 },
      { site: 'A,1', day: 2 },
      { site: '%2C', day: 1 },
      { site: '', day: -1 },
    ].map((key, index) => (index === 3 ? { ...key, site: 'ü' } : key)),
  },
  {
    name: 'a renamed column',
    attributes: { code: { type: DataTypes.STRING(20), primaryKey: true, field: 'the code' } },
    keys: keyed('code', ['DE', 'FR', 'IT', 'ES']),
  },
  {
    name: 'a DATE',
    attributes: { at: { type: DataTypes.DATE(3), primaryKey: true } },
    keys: keyed(
      'at',
      [1, 2, 3, 4].map((n) => new Date(1_700_000_000_000 + n)),
    ),
  },
  {
    name: 'a DATEONLY',
    attributes: { day: { type: DataTypes.DATEONLY, primaryKey: true } },
    keys: keyed('day', ['2024-02-28', '2024-02-29', '2024-03-01', '0999-12-31']),
  },
  {
    name: 'a DECIMAL',
    // MariaDB's driver converts them to numbers. 1.50 is written, and 1.5 is read.
    dialects: ['postgres'],
    attributes: { price: { type: DataTypes.DECIMAL(10, 2), primaryKey: true } },
    keys: keyed('price', ['1.50', '2.00', '-3.25', '0.10']),
  },
  {
    name: 'whole numbers for a DECIMAL',
    dialects: ['postgres'],
    attributes: { price: { type: DataTypes.DECIMAL(10, 2), primaryKey: true } },
    keys: keyed('price', [1, 2, 3, 4]),
  },
  {
    name: 'upper case for a UUID',
    dialects: ['postgres'],
    attributes: { id: { type: DataTypes.UUID, primaryKey: true } },
    keys: keyed(
      'id',
      [1, 2, 3, 4].map((n) => `ABCDEF00-0000-4000-8000-00000000000${n}`),
    ),
  },
  {
    name: 'numbers for a text, and a foreign key',
    dialects: ['postgres'],
    attributes: {
      id: { type: DataTypes.STRING(20), primaryKey: true },
      ownerId: { type: DataTypes.STRING(20), references: { model: 'odds', key: 'id' } },
    },
    keys: [1, 2, 3, 4].map((n) => ({ id: n, ownerId: n })),
  },
  {
    name: 'a text that is case-insensitive in SQLite',
    dialects: ['sqlite'],
    attributes: { code: { type: DataTypes.CITEXT, primaryKey: true } },
    keys: keyed('code', ['DE', 'FR', 'IT', 'ES']),
  },
  {
    name: 'an INTEGER that SQLite generates, unknown to the model',
    dialects: ['sqlite'],
    attributes: { id: { type: DataTypes.INTEGER, primaryKey: true } },
    keys: none,
  },
  {
    name: 'an ENUM',
    dialects: ['postgres', 'mariadb'],
    attributes: { size: { type: DataTypes.ENUM('s', 'm', 'l', 'x l'), primaryKey: true } },
    keys: keyed('size', ['s', 'm', 'l', 'x l']),
  },
  {
    name: 'a fraction',
    attributes: { at: { type: DataTypes.DOUBLE, primaryKey: true } },
    keys: keyed('at', [1.5, 2.5, 3.5, 4.5]),
    isNamed: false,
  },
  {
    name: 'a BOOLEAN',
    dialects: ['postgres'],
    attributes: {
      one: { type: DataTypes.BOOLEAN, primaryKey: true },
      other: { type: DataTypes.BOOLEAN, primaryKey: true },
    },
    keys: [
      { one: false, other: false },
      { one: false, other: true },
      { one: true, other: false },
      { one: true, other: true },
    ],
    isNamed: false,
  },
  {
    name: 'bytes',
    dialects: ['postgres', 'sqlite'],
    attributes: { id: { type: DataTypes.BLOB, primaryKey: true } },
    keys: keyed(
      'id',
      ['a', 'b', 'c', 'd'].map((text) => Buffer.from(text)),
    ),
    isNamed: false,
  },
  {
    name: 'JSON',
    dialects: ['postgres'],
    attributes: { id: { type: DataTypes.JSONB, primaryKey: true } },
    keys: keyed('id', [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]),
    isNamed: false,
  },
  {
    name: 'an array',
    dialects: ['postgres'],
    attributes: { id: { type: DataTypes.ARRAY(DataTypes.INTEGER), primaryKey: true } },
    keys: keyed('id', [[1], [2], [3], [4]]),
    isNamed: false,
  },
  {
    name: 'a text that is too long',
    dialects: ['postgres', 'sqlite'],
    attributes: { id: { type: DataTypes.TEXT, primaryKey: true } },
    keys: keyed(
      'id',
      ['a', 'b', 'c', 'd'].map((text) => text.repeat(2_000)),
    ),
    isNamed: false,
  },
]
