import { createTables } from './models/tables.ts'
import { sequelize } from './models/database.ts'

// Your migrations do this in earnest.
await createTables()
await sequelize.close()
