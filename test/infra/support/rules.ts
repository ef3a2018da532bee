import { KubeObject, Workload, workloadsOf } from './objects';
import * as pod from './pod-rules';
import * as set from './set-rules';
import { exemptionOf } from './exemptions';

/** Seconds of CHARTLY_SHUTDOWN_GRACE as deployed. */
const DRAIN_SECONDS = 25;

type Check = (objects: readonly KubeObject[]) => set.Finding[];

const perPod =
  (check: (workload: Workload, all: readonly Workload[]) => string[]): Check =>
  (objects) => {
    const all = workloadsOf(objects);
    return all.flatMap((workload) =>
      check(workload, all).map((problem) => ({ component: workload.component, problem })),
    );
  };

/** The rules of the checklist that a render shows, by number. */
export const RULES: Readonly<Record<number, Check>> = {
  1: perPod(pod.restricted),
  2: perPod(pod.sameUser),
  3: perPod(pod.writableMounts),
  4: perPod(pod.ownAccount),
  5: set.exactSelectors,
  6: perPod(pod.threeProbes),
  7: perPod((workload) => [...pod.boundedMemory(workload), ...pod.boundedCpu(workload)]),
  8: perPod(pod.pinnedImage),
  9: set.nothingSelectsNothing,
  10: set.disruptable,
  11: set.restrictedNamespace,
  12: perPod((workload) => pod.timeToDrain(workload, DRAIN_SECONDS)),
  15: set.scaledByOne,
  16: set.rolledByConfig,
  17: set.noSecrets,
  18: set.orderedPaths,
  31: set.scrapedAll,
  32: perPod(pod.ownFolderAlone),
};

/** What breaks a rule and has no exemption. */
export function broken(rule: number, objects: readonly KubeObject[]): set.Finding[] {
  const check = RULES[rule];
  if (!check) throw new Error(`No render shows rule ${rule}.`);
  return check(objects).filter((finding) => exemptionOf(rule, finding) === undefined);
}
