/**
 * fast-check as the property tests see it. `CHARTLY_TEST_SEED` (an integer) makes their inputs the same at every run;
 * without it each run draws its own. `.ci/run` takes it from the commit, so that a commit passes always or never.
 */
const fastCheck = require('./node_modules/fast-check/lib/cjs/fast-check.js');

const { CHARTLY_TEST_SEED: seed } = process.env;
if (seed) fastCheck.configureGlobal({ ...fastCheck.readConfigureGlobal(), seed: Number(seed) });

module.exports = fastCheck;
