/**
 * What file systems answer, in one sentence with its subject. Their own words leave the subject out ("Connection
 * refused", "The specified bucket does not exist"), or say it in Java's and Hadoop's way. The texts are those of Hadoop
 * 3.5, flink-s3-fs-hadoop and flink-s3-fs-native 2.3.
 */

/** One known text. `says` gets the match and the whole chain as text, for a subject that stands elsewhere in it. */
interface Known {
  when: RegExp;
  /** Only where nothing deeper is told. */
  alone?: true;
  says: (found: RegExpExecArray, chain: string) => string;
}

const BUCKET = /\bs3[ap]?:\/\/([^/\s"',;]+)/u;
const bucketIn = (chain: string): string | null => BUCKET.exec(chain)?.[1] ?? null;

const KNOWN: readonly Known[] = [
  {
    when: /Call From \S+ to (\S+:\d+) failed on connection exception/u,
    says: ([, address]) => `HDFS at ${address} refused the connection.`,
  },
  {
    when: /Call From \S+ to (\S+:\d+) failed on socket timeout exception|\b(\S+:\d+) failed on socket timeout/u,
    says: ([, address, other]) => `HDFS at ${address ?? other} did not answer in time.`,
  },
  {
    when: /Permission denied: user=([^,\s]+), access=(\w+), inode="([^"]*)"/u,
    says: ([, user, access, path]) => `HDFS denies user ${user} the access ${access} to ${path}.`,
  },
  {
    when: /Name node is in safe mode/iu,
    says: () => "HDFS is in safe mode and takes no writes.",
  },
  {
    when: /(\/\S+) \(is not a directory\)/u,
    says: ([, path]) => `${path} is a file; nothing can be written below it.`,
  },
  {
    when: /The specified bucket does not exist|NoSuchBucket/u,
    says: (_, chain) => {
      const bucket = bucketIn(chain);
      return bucket === null ? "The S3 bucket does not exist." : `The bucket ${bucket} does not exist.`;
    },
  },
  {
    when: /Service: (?:Amazon )?S3[;,] Status Code: 40[13]|InvalidAccessKeyId|SignatureDoesNotMatch/u,
    says: (_, chain) => {
      const bucket = bucketIn(chain);
      return `S3 refused Flink's credentials${bucket === null ? "" : ` for the bucket ${bucket}`}.`;
    },
  },
  {
    when: /Connect to (?:https?:\/\/)?([\w.-]+:\d+)[^:]* failed: Connection refused/u,
    says: ([, address], chain) =>
      `${bucketIn(chain) === null ? "" : "S3 at "}${address} refused the connection.`,
  },
  {
    when: /An Exception occurred while triggering the checkpoint\. IO-problem detected/u,
    alone: true,
    says: () =>
      "Flink could not write it: an I/O problem with the storage. The JobManager's log has the cause.",
  },
];

/**
 * The sentence for the innermost message of a chain that is a known text of a file system; null: none is.
 * `messages`: outermost first.
 */
export function storageSentence(messages: readonly string[]): string | null {
  const chain = messages.join("\n");
  for (const [depth, message] of messages.toReversed().entries())
    for (const { when, alone, says } of KNOWN) {
      const found = alone === true && depth > 0 ? null : when.exec(message);
      if (found !== null) return says(found, chain);
    }
  return null;
}
