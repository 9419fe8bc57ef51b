import { sequelize } from './models.ts'

// Your migrations do this in earnest.
await sequelize.sync()
await sequelize.close()
