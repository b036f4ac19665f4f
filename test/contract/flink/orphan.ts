import { startFlink } from "../../../playground/flink/launcher.ts";

/** Starts a Flink and waits to be killed. Argument: its folder. */
const flink = await startFlink({ version: "2.3.0", dir: process.argv[2] ?? "" });
console.log(flink.url);
setInterval(() => undefined, 60_000);
