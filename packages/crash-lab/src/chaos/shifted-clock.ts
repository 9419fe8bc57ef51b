// Loaded before all other modules. Shifts the time of this process. Timers use another clock and are not affected.

const shiftMs = Number(process.env['KT_CLOCK_SHIFT_MS'] ?? 0)
const RealDate = Date

const ShiftedDate = new Proxy(RealDate, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + shiftMs] : args, newTarget) as object,
  apply: () => new RealDate(RealDate.now() + shiftMs).toString(),
  get: (target, property, receiver) =>
    property === 'now'
      ? () => RealDate.now() + shiftMs
      : (Reflect.get(target, property, receiver) as unknown),
})

Object.assign(globalThis, { Date: ShiftedDate })
