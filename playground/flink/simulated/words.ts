/** Answers as ugly as the real ones: class names, stacks, base64. */

export const STACK = [
  "\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respondAsLeader(AbstractHandler.java:196)",
  "\tat java.base/java.util.concurrent.CompletableFuture.uniHandle(CompletableFuture.java:934)",
  "\tat org.apache.pekko.dispatch.Mailbox.run(Mailbox.scala:231)",
].join("\n");

export interface SimulatedAnswer {
  status: number;
  body: unknown;
  /** Instead of the body, which is JSON. */
  text?: string;
}

export const no = (
  status: number,
  words: string,
  className = "rest.handler.RestHandlerException",
): SimulatedAnswer => ({
  status,
  body: { errors: [`org.apache.flink.runtime.${className}: ${words}\n${STACK}`] },
});

export const plainNo = (status: number, words: string): SimulatedAnswer => ({
  status,
  body: { errors: [words] },
});

/** `cause`: what made it so, with its class. */
export const serverError = (
  className: string,
  words: string,
  cause: string | null = null,
): SimulatedAnswer => ({
  status: 500,
  body: {
    errors: [
      "Internal server error.",
      `<Exception on server side:\njava.util.concurrent.CompletionException: ${className}: ${words}\n${STACK}\nCaused by: ${className}: ${words}\n${STACK}\n${cause === null ? "" : `Caused by: ${cause}\n${STACK}\n`}\nEnd of exception on server side>`,
    ],
  },
});

/** Of whatever the job itself would have to answer while it is INITIALIZING. */
export const initializing = (): SimulatedAnswer =>
  serverError("org.apache.flink.runtime.dispatcher.UnavailableDispatcherOperationException", INITIALIZING);

/** flink-runtime, Dispatcher.getJobMasterGateway */
export const INITIALIZING =
  "Unable to get JobMasterGateway for initializing job. The requested operation is not available while the JobManager is initializing.";

/** Of a job that takes none, as a batch job does: each of the two doors has its own words. */
export const noCheckpointing = (jobId: string, door: "statistics" | "config"): SimulatedAnswer =>
  no(
    404,
    door === "statistics"
      ? "Checkpointing has not been enabled."
      : `Checkpointing is not enabled for this job (${jobId}).`,
  );

export const unknownJob500 = (jobId: string): SimulatedAnswer =>
  serverError(
    "org.apache.flink.runtime.messages.FlinkJobNotFoundException",
    `Could not find Flink job (${jobId})`,
  );

export const unknownJob404 = (jobId: string): SimulatedAnswer => ({
  status: 404,
  body: {
    errors: [
      `org.apache.flink.runtime.rest.NotFoundException: Job ${jobId} not found\n${STACK}\nCaused by: org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${jobId})\n${STACK}`,
    ],
  },
});

/** The answer of `/execution-result`, which has another outside. */
export const noExecutionResult = (jobId: string): SimulatedAnswer =>
  no(404, `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${jobId})`);

export const checkpointException = (words: string): string =>
  `java.util.concurrent.CompletionException: org.apache.flink.runtime.checkpoint.CheckpointException: ${words}\n${STACK}\nCaused by: org.apache.flink.runtime.checkpoint.CheckpointException: ${words}\n${STACK}`;

export const stoppingException = (path: string, jobId: string, cause: string): string =>
  `java.util.concurrent.CompletionException: org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException: A savepoint has been created at: ${path}, but the corresponding job ${jobId} failed during stopping. The savepoint is consistent, but might have uncommitted transactions. If you want to commit the transaction please restart a job from this savepoint.\n${STACK}\nCaused by: java.lang.RuntimeException: ${cause}\n${STACK}`;

/** Of a job whose tasks throw. */
export const failureStack = (message: string): string =>
  `java.lang.RuntimeException: the task failed\n\tat a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: ${message}\n\tat a.B.d(B.java:2)\n`;

export const failureCause = (stack: string): unknown => ({
  class: stack.slice(0, stack.indexOf(":")),
  "stack-trace": stack,
  "serialized-throwable": `rO0ABXNy${"QUJD".repeat(200)}`,
});
