import { DataTypes, Op, Transaction } from 'sequelize'
import { keyTables } from './key-tables.ts'
import type { OddTable } from './odd-table.ts'

const id = { type: DataTypes.INTEGER, primaryKey: true }
const ids = [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]

/** Other odd features of a model: the place of its table, its additions to queries, the connection's settings. */
const otherTables: readonly OddTable[] = [
  {
    name: 'a schema',
    dialects: ['postgres'],
    attributes: { id },
    model: { schema: 'red' },
    keys: ids,
  },
  {
    name: 'a search path',
    dialects: ['postgres'],
    attributes: { id },
    model: { schema: 'red' },
    sequelize: { dialectOptions: { prependSearchPath: true } },
    options: { searchPath: 'red' },
    keys: ids,
  },
  {
    name: 'no quotes around identifiers',
    dialects: ['postgres'],
    attributes: { id },
    sequelize: { quoteIdentifiers: false },
    keys: ids,
  },
  { name: 'raw queries by default', attributes: { id }, sequelize: { query: { raw: true } }, keys: ids },
  {
    name: 'SERIALIZABLE by default',
    attributes: { id },
    sequelize: { isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE },
    keys: ids,
  },
  { name: 'retries by default', attributes: { id }, sequelize: { retry: { max: 3 } }, keys: ids },
  {
    name: 'a default scope with a limit',
    attributes: { id },
    model: { defaultScope: { where: { amount: { [Op.lt]: 100 } }, limit: 1, order: ['label'] } },
    keys: ids,
  },
  {
    name: 'a paranoid model',
    attributes: { id },
    model: { paranoid: true, timestamps: true },
    keys: ids,
  },
  {
    name: 'a deletedAt with a default',
    attributes: { id, deletedAt: { type: DataTypes.DATE, defaultValue: new Date(0) } },
    model: { paranoid: true, timestamps: true },
    keys: ids,
  },
  {
    name: 'underscored, with timestamps',
    attributes: { id, groupId: { type: DataTypes.INTEGER, defaultValue: 4 } },
    model: { underscored: true, timestamps: true },
    keys: ids,
  },
  {
    name: "an attribute named like another one's column",
    attributes: {
      id,
      number: { type: DataTypes.INTEGER, field: 'rank', defaultValue: 9 },
      rank: { type: DataTypes.INTEGER, field: 'number', defaultValue: 8 },
    },
    keys: ids,
  },
  {
    name: 'getters and setters',
    attributes: {
      id: {
        type: DataTypes.INTEGER,
        primaryKey: true,
        get() {
          return (this.getDataValue('id') as number) * 10
        },
      },
      amount: {
        type: DataTypes.INTEGER,
        set(value: number) {
          this.setDataValue('amount', value + 1)
        },
      },
    },
    keys: ids,
  },
  {
    name: 'a unique index that the model does not declare',
    attributes: { id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true } },
    keys: [{}, {}, {}, {}],
    setUp: ['CREATE UNIQUE INDEX odd_label ON T (label)'],
  },
  {
    name: 'a trigger that alters rows',
    dialects: ['postgres'],
    attributes: { id },
    keys: ids,
    setUp: [
      `CREATE OR REPLACE FUNCTION odd_alter() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := NEW.amount + 100; RETURN NEW; END $$`,
      'CREATE TRIGGER odd BEFORE INSERT OR UPDATE ON T FOR EACH ROW EXECUTE FUNCTION odd_alter()',
    ],
  },
  {
    name: 'a trigger that alters keys',
    dialects: ['postgres'],
    attributes: { id },
    keys: ids,
    setUp: [
      `INSERT INTO T (id, label) VALUES (3, 'zero')`,
      `CREATE OR REPLACE FUNCTION odd_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 3 THEN NEW.id := 5; END IF; RETURN NEW; END $$`,
      'CREATE TRIGGER odd BEFORE INSERT ON T FOR EACH ROW EXECUTE FUNCTION odd_move()',
    ],
  },
  {
    name: 'a trigger that skips rows',
    skipsRows: true,
    dialects: ['postgres'],
    attributes: { id },
    keys: ids,
    setUp: [
      `CREATE OR REPLACE FUNCTION odd_skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.label = 'one' THEN RETURN NULL; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$`,
      'CREATE TRIGGER odd BEFORE UPDATE OR DELETE ON T FOR EACH ROW EXECUTE FUNCTION odd_skip()',
    ],
  },
  {
    name: 'a generated column',
    dialects: ['postgres'],
    attributes: { id },
    keys: ids,
    setUp: ['ALTER TABLE T ADD COLUMN twice int GENERATED ALWAYS AS (amount * 2) STORED'],
  },
  {
    name: 'a foreign key',
    attributes: { id, ownerId: { type: DataTypes.INTEGER, defaultValue: 8, field: 'owner' } },
    keys: ids,
  },
]

export const oddTables: readonly OddTable[] = [...keyTables, ...otherTables]
