import './models/product.ts'
import { sequelize } from './models/database.ts'

// Your migrations do this in earnest.
await sequelize.sync()
await sequelize.close()
