// Loaded with `node --import` before the product, which knows nothing of it: its clock is so many ms off.
const off = Number(process.env.FLINKOPS_CLOCK_OFF_MS ?? 0);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + off);
    else super(...args);
  }
  static now() {
    return RealDate.now() + off;
  }
};
