// The CommonJS build of one package, for an application that takes the others as ES modules.
module.exports = require('@kt/sequelize-stream')
