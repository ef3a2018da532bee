const { TestEnvironment } = require('jest-environment-node');

/**
 * Node's own typed arrays instead of the sandbox's: packages that Node loads outside of it (native ones above all) tell
 * them apart by class, and tests would see errors that no process has.
 */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { Float64Array, BigInt64Array, BigUint64Array, Float32Array, Int32Array, Uint32Array });
  }
};
