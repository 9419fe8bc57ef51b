import { DataTypes } from 'sequelize'
import type { Association, Model } from 'sequelize'
import type { AnyModel } from './path.ts'

/** What `document()` has used of the records of one model. */
export interface Use {
  readonly model: AnyModel
  /** Attributes that were read. */
  readonly attributes: Set<string>
  /** Attributes that were read although they are not loaded. */
  readonly missing: Set<string>
  /** Associations that were read although they are not included, or that were loaded on their own. */
  readonly associations: Set<string>
}

type Method = (...args: unknown[]) => unknown

/** Wraps records, and notes what is used of them and of the records included in them. */
export class RecordTracer {
  readonly #uses = new Map<string, Use>()
  readonly #proxies = new WeakMap<Model, Model>()

  get uses(): readonly Use[] {
    return [...this.#uses.values()]
  }

  trace<M extends Model>(record: M): M {
    const known = this.#proxies.get(record) as M | undefined
    if (known !== undefined) return known
    const use = this.#useOf(record.constructor as AnyModel)
    const proxy = new Proxy(record, {
      get: (target, name, receiver) => {
        const value: unknown = Reflect.get(target, name, receiver)
        return typeof name === 'symbol' ? value : this.#note(use, target, name, value, receiver as M)
      },
    })
    this.#proxies.set(record, proxy)
    return proxy
  }

  #useOf(model: AnyModel): Use {
    let use = this.#uses.get(model.name)
    if (use === undefined) {
      use = { model, attributes: new Set(), missing: new Set(), associations: new Set() }
      this.#uses.set(model.name, use)
    }
    return use
  }

  /** @returns the value as `document()` gets it */
  #note(use: Use, record: Model, name: string, value: unknown, proxy: Model): unknown {
    const { model } = use
    const association = model.associations[name]
    if (association !== undefined) {
      if (!(name in record.dataValues)) use.associations.add(name)
      return this.#traceAll(value)
    }
    if (Object.hasOwn(model.rawAttributes, name)) this.#noteAttribute(use, record, name)
    else if (name === 'get' || name === 'getDataValue')
      return this.#tracedGet(use, record, value as Method, proxy)
    else if (name === 'toJSON') for (const each of Object.keys(record.dataValues)) use.attributes.add(each)
    else {
      const lazy = Object.values(model.associations).find((each) => isAccessor(each, name))
      if (lazy !== undefined) use.associations.add(lazy.as)
    }
    return value
  }

  #noteAttribute(use: Use, record: Model, name: string): void {
    use.attributes.add(name)
    const isVirtual = use.model.rawAttributes[name]?.type instanceof DataTypes.VIRTUAL
    if (!isVirtual && !(name in record.dataValues)) use.missing.add(name)
  }

  /** @param proxy the receiver of getters, so that their reads are noted as well */
  #tracedGet(use: Use, record: Model, method: Method, proxy: Model): Method {
    return (...args) => {
      const [name] = args
      const names = typeof name === 'string' ? [name] : Object.keys(record.dataValues)
      for (const each of names)
        if (Object.hasOwn(use.model.rawAttributes, each)) this.#noteAttribute(use, record, each)
      return this.#traceAll(Reflect.apply(method, proxy, args))
    }
  }

  #traceAll(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#traceAll(each))
    return isRecord(value) ? this.trace(value) : value
  }
}

/** Whether a method, such as `getReviews` or `countReviews`, queries an association. */
function isAccessor(association: Association, method: string): boolean {
  const { accessors = {} } = association as Association & { readonly accessors?: object }
  return Object.values(accessors).includes(method)
}

function isRecord(value: unknown): value is Model {
  return typeof value === 'object' && value !== null && 'dataValues' in value && 'isNewRecord' in value
}
