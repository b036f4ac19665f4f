import { can } from "./can.ts";
import { cancel } from "./cancel/cancel.ts";
import { checkpoint } from "./checkpoint.ts";
import { checkpoints } from "./checkpoints.ts";
import { clusters } from "./clusters.ts";
import { diagnose } from "./diagnose/diagnose.ts";
import { diff } from "./diff.ts";
import { dispose } from "./dispose.ts";
import { exceptions } from "./exceptions/exceptions.ts";
import { help } from "./help.ts";
import { history } from "./history.ts";
import { jars } from "./jars.ts";
import { list } from "./list.ts";
import { lock } from "./lock.ts";
import { locks } from "./locks.ts";
import { logs } from "./logs.ts";
import { metrics } from "./metrics.ts";
import type { Operation } from "../model/operation.ts";
import { requests } from "./requests.ts";
import { rehearse } from "./rehearse/rehearse.ts";
import { restart } from "./restart/restart.ts";
import { rehearsedRestart } from "./restart/rehearsed-restart.ts";
import { resume } from "./resume.ts";
import { rollback } from "./rollback.ts";
import { run } from "./run/run.ts";
import { savepoint } from "./savepoint.ts";
import { savepointAll } from "./savepoint-all.ts";
import { savepoints } from "./savepoints.ts";
import { scale } from "./scale/scale.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { stopAll } from "./stop-all.ts";
import { taskmanagers } from "./taskmanagers.ts";
import { unlock } from "./unlock.ts";
import { watch } from "./watch.ts";
import { whoami } from "./whoami.ts";
import { withdraw } from "./withdraw.ts";

/** All operations. The first one answers an empty command. */
export const operations: readonly Operation[] = [
  help,
  list,
  status,
  diagnose,
  checkpoints,
  exceptions,
  logs,
  metrics,
  savepoints,
  clusters,
  jars,
  taskmanagers,
  diff,
  scale,
  savepoint,
  checkpoint,
  stop,
  cancel,
  resume,
  run,
  rehearse,
  restart,
  rollback,
  watch,
  dispose,
  withdraw,
  lock,
  unlock,
  locks,
  requests,
  history,
  whoami,
  can,
  rehearsedRestart,
  savepointAll,
  stopAll,
];
