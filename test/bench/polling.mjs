// What nobody can do without who waits for savepoints: one GET for each, every POLL_MS, with undici. The paths are in the file
// that the first argument names, as {origin: [path]}; they are spread evenly over the first POLL_MS.
import { readFileSync } from "node:fs";
import { Pool } from "undici";

const POLL_MS = Number(process.env.POLL_MS);
const all = Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8"))).flatMap(([origin, paths]) => {
  const pool = new Pool(origin, { connections: 4, pipelining: 1 });
  return paths.map((path) => ({ pool, path }));
});
const poll = async ({ pool, path }) => {
  const { body } = await pool.request({ path, method: "GET" });
  const { status } = await body.json();
  if (status.id !== "IN_PROGRESS") throw new Error(`${path}: ${status.id}`);
};
for (const [i, one] of all.entries())
  setTimeout(
    () => {
      const again = () => void poll(one).then(() => setTimeout(again, POLL_MS));
      again();
    },
    (i / all.length) * POLL_MS,
  );
