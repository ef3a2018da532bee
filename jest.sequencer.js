const Sequencer = require('@jest/test-sequencer').default;

const PROJECTS = ['e2e', 'integration', 'unit'];

/**
 * Whole systems come first, so that no long suite begins when the others are done and one worker has to be waited for. In
 * a fresh clone nothing is known of how long a suite takes; the larger file is the longer one then.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const cached = super.sort(tests);
    const projectOf = ({ context }) => PROJECTS.indexOf(context.config.displayName?.name ?? '');
    return cached.toSorted((one, other) => projectOf(one) - projectOf(other));
  }
};
