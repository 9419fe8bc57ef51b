import { Op } from 'sequelize'
import type { Write } from './write.ts'

const creating: readonly Write[] = [
  {
    name: 'bulkCreate',
    write: ({ City }, o, base) => City.bulkCreate([{ name: `Hof ${base}` }, { name: `Hamm ${base}` }], o),
  },
  {
    name: 'bulkCreate with individualHooks',
    write: ({ City }, o, base) =>
      City.bulkCreate(
        [
          { id: base + 30, name: `Marl ${base}` },
          { id: base + 31, name: `Moers ${base}` },
        ],
        { individualHooks: true, ...o },
      ),
  },
  {
    name: 'bulkCreate with updateOnDuplicate',
    write: ({ City }, o, base) =>
      City.bulkCreate(
        [
          { name: `City ${base + 3}`, population: 33 },
          { name: `Melle ${base}`, population: 34 },
        ],
        { updateOnDuplicate: ['population'], ...o },
      ),
  },
  {
    name: 'bulkCreate with ignoreDuplicates',
    write: ({ Tag }, o, base) =>
      Tag.bulkCreate(
        [
          { id: base, name: 'ignored' },
          { id: base + 5, name: 'new' },
        ],
        { ignoreDuplicates: true, ...o },
      ),
  },
]

const changing: readonly Write[] = [
  {
    name: 'Model.update',
    write: ({ City }, o, base) =>
      City.update({ population: 50 }, { where: { id: { [Op.between]: [base + 4, base + 6] } }, ...o }),
  },
  {
    name: 'Model.update that returns',
    write: ({ City }, o, base) =>
      City.update({ population: 60 }, { where: { id: base + 4 }, returning: true, ...o }),
  },
  {
    name: 'Model.update with individualHooks',
    write: ({ City }, o, base) =>
      City.update({ countryCode: `FR${base}` }, { where: { id: base + 5 }, individualHooks: true, ...o }),
  },
  {
    name: 'Model.update with a composite key',
    write: ({ Reading }, o, base) =>
      Reading.update({ value: 30 }, { where: { site: `S${base}`, day: { [Op.gt]: 2 } }, ...o }),
  },
  {
    name: 'Model.increment',
    write: ({ City }, o, base) =>
      City.increment({ population: 2 }, { where: { countryCode: `FR${base}` }, ...o }),
  },
  {
    name: 'Model.destroy of paranoid records',
    write: ({ Note }, o, base) => Note.destroy({ where: { id: [base + 2, base + 3] }, ...o }),
  },
  {
    name: 'Model.restore',
    write: ({ Note }, o, base) => Note.restore({ where: { id: base + 2 }, ...o }),
  },
  {
    name: 'Model.destroy',
    write: ({ City }, o, base) => City.destroy({ where: { id: [base + 9, base + 10] }, ...o }),
  },
  {
    name: 'Model.destroy with a composite key',
    write: ({ Reading }, o, base) => Reading.destroy({ where: { site: `S${base}`, day: 4 }, ...o }),
  },
  { name: 'truncate', write: ({ Event }, o) => Event.truncate(o) },
  {
    name: 'create after truncate',
    write: ({ Event }, o) => Event.create({ title: 'Market' }, o),
  },
]

export const bulkWrites: readonly Write[] = [...creating, ...changing]
